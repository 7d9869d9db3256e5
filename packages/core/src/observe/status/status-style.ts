// SPDX-License-Identifier: Apache-2.0

/** The style of the status page. Each colour of a text has a contrast of 4.5 and more to what it stands on, as a test in a browser measures. */
export const statusStyle = `
:root {
  color-scheme: light dark;
  --page: #f4f6f8; --card: #ffffff; --text: #1c2128; --dim: #57606a; --line: #d5dbe1; --link: #0a58b0;
  --good: #11612a; --good-back: #dcf5e3; --bad: #a2101f; --bad-back: #fde6e6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f1317; --card: #181d23; --text: #e4e9ee; --dim: #9fabb8; --line: #313a44; --link: #82bcff;
    --good: #6fdc8c; --good-back: #12301d; --bad: #ff9690; --bad-back: #3d1518;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
header, main, footer { max-width: 76rem; margin: 0 auto; padding: 1rem; }
header { padding-top: 1.5rem; }
header, main { padding-bottom: 0; }
h1, h2, h3, h4 { line-height: 1.25; margin: 0; }
h1, h2, h3 { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem .75rem; }
h1 { font-size: 1.6rem; }
h2 { font-size: 1.3rem; margin-top: 1.5rem; }
h3 { font-size: 1.15rem; }
h4 { font-size: 1rem; margin: 1.25rem 0 .25rem; }
p { margin: .5rem 0; }
a { color: var(--link); }
a:focus-visible, summary:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: .2rem; }
nav ul { list-style: none; padding: 0; margin: .5rem 0 0; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
.dim, footer { color: var(--dim); }
.badge { font-size: .875rem; font-weight: 600; line-height: 1.25; padding: .2rem .6rem; border-radius: 1rem; white-space: nowrap; }
.good { color: var(--good); background: var(--good-back); }
.bad { color: var(--bad); background: var(--bad-back); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem 1.25rem; margin: 1rem 0; }
.problem { padding: .4rem .75rem; border-radius: .4rem; margin: .5rem 0 0; }
dl { display: flex; flex-wrap: wrap; gap: .5rem 2rem; margin: .75rem 0 0; }
dt { color: var(--dim); font-size: .875rem; }
dd { margin: 0; font-size: 1.1rem; font-variant-numeric: tabular-nums; }
summary { cursor: pointer; width: fit-content; max-width: 100%; }
.group { margin-top: 1rem; }
.group > summary { font-weight: 600; }
table { border-collapse: collapse; width: 100%; margin-top: .5rem; font-size: .9375rem; }
th, td { text-align: left; vertical-align: top; padding: .5rem .75rem .5rem 0; border-top: 1px solid var(--line); unicode-bidi: isolate; }
thead th { color: var(--dim); font-weight: 600; font-size: .875rem; border-top: 0; white-space: nowrap; }
tbody th { font-weight: 600; min-width: 9rem; }
td[data-label="Reason"] { width: 32%; }
td[data-label="Changes"] { min-width: 11rem; }
ol { margin: .25rem 0 0; padding: 0; list-style: none; font-size: .875rem; }
ol li { padding: .15rem 0; }
@media (max-width: 48rem) {
  header, main, footer { padding: .75rem; }
  header { padding-top: 1.25rem; }
  .card { padding: .75rem 1rem; }
  table, tbody, tr, th, td { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tbody tr { border-top: 1px solid var(--line); padding: .5rem 0; }
  tbody th, tbody td, td[data-label] { border: 0; padding: .1rem 0; width: auto; min-width: 0; }
  tbody td { display: grid; grid-template-columns: 6.5rem minmax(0, 1fr); gap: .5rem; }
  tbody td::before { content: attr(data-label); color: var(--dim); }
}
`;
