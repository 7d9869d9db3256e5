// SPDX-License-Identifier: Apache-2.0
import { resourceNameProblem } from '@kube-device-plugins/core';
import { argumentError } from './argument-error.ts';

/** What a rule may ask of a card, and put into the name of its resource. What is not known of a card is left out. */
export interface CardTraits {
  /** Kernel driver: `i915`, `xe`. */
  readonly driver: string;
  /** PCI device id without its 0x: `56c0`. */
  readonly device?: string;
  readonly class?: 'integrated' | 'discrete';
}

/** Names cards: the first rule that applies to a card does. */
export type ResourceRules = readonly ResourceRule[];

interface ResourceRule {
  readonly conditions: readonly { readonly trait: keyof CardTraits; readonly value: string }[];
  /** A name with placeholders, `{driver}-{class}`; empty: cards of this rule are not published. */
  readonly template: string;
}

const traits: readonly string[] = ['driver', 'device', 'class'] satisfies (keyof CardTraits)[];

/** The cards that no rule is for are named as they always were. */
const lastRule: ResourceRule = { conditions: [], template: '{driver}' };

/**
 * The rules of the flag `-resource-name-template`: `[trait=value[+trait=value…]:]template`, separated by commas.
 *
 * @param namespace - of the resources, which have to be names that a kubelet takes.
 * @throws DevicePluginError `FLAG_INVALID` that tells the rule and what is wrong with it.
 */
export function parseResourceRules(text: string, namespace: string): ResourceRules {
  if (text === '') return [lastRule];
  return [...text.split(',').map((rule) => parseRule(rule.trim(), namespace)), lastRule];
}

/** The resource of a card, or undefined when the rules say that it is not to have one. */
export function resourceOf(card: CardTraits, rules: ResourceRules): string | undefined {
  const rule = rules.find((each) => applies(each, card)) ?? lastRule;
  return rule.template === '' ? undefined : fill(rule.template, card);
}

function applies({ conditions, template }: ResourceRule, card: CardTraits): boolean {
  return (
    conditions.every(({ trait, value }) => card[trait] === value) &&
    placeholdersOf(template).every((name) => isTrait(name) && card[name] !== undefined)
  );
}

function parseRule(text: string, namespace: string): ResourceRule {
  const reject = (reason: string): never => {
    throw argumentError(`-resource-name-template: ${JSON.stringify(text)} ${reason}`);
  };
  const colon = text.indexOf(':');
  const template = text.slice(colon + 1).trim();
  if (colon < 0 && template === '') reject('is empty');
  const conditions = (colon <= 0 ? [] : text.slice(0, colon).split('+')).map((condition) => {
    const [trait = '', value = '', ...rest] = condition.split('=').map((part) => part.trim());
    if (!isTrait(trait)) return reject(`asks for ${JSON.stringify(trait)}, which is none of ${traits.join(', ')}`);
    if (rest.length > 0) return reject('asks for one value with each trait');
    const problem = valueProblem(trait, value);
    if (problem !== undefined) return reject(`has ${JSON.stringify(value)} as ${trait}, which ${problem}`);
    return { trait, value: trait === 'device' ? value.replace(/^0x/, '') : value };
  });
  const problem = template === '' ? undefined : templateProblem(template, namespace);
  if (problem !== undefined) reject(problem);
  return { conditions, template };
}

function valueProblem(trait: keyof CardTraits, value: string): string | undefined {
  if (trait === 'class')
    return ['integrated', 'discrete'].includes(value) ? undefined : 'is neither integrated nor discrete';
  if (trait === 'device') return /^(0x)?[0-9a-f]{4}$/.test(value) ? undefined : 'is not of the form 0x56c0';
  return /^[\w-]+$/.test(value) ? undefined : 'is no name of a driver';
}

/** With the longest values that placeholders have on the cards that there are. */
const sample: Required<CardTraits> = { driver: 'i915', device: '56c0', class: 'integrated' };

function templateProblem(template: string, namespace: string): string | undefined {
  const unknown = placeholdersOf(template).find((name) => !isTrait(name));
  if (unknown !== undefined) return `has the placeholder {${unknown}}, which is none of ${traits.join(', ')}`;
  const name = fill(template, sample);
  if (name === 'monitoring' || name.endsWith('_monitoring')) return 'is the name of a monitoring resource';
  const problem = resourceNameProblem(`${namespace}/${name}`);
  return problem === undefined ? undefined : `gives resources such as ${namespace}/${name}, which ${problem}`;
}

const placeholder = /\{([^{}]*)\}/g;

function placeholdersOf(template: string): string[] {
  return [...template.matchAll(placeholder)].map(([, name = '']) => name);
}

function fill(template: string, card: CardTraits): string {
  return template.replaceAll(placeholder, (_, name: string) => (isTrait(name) ? (card[name] ?? '') : ''));
}

function isTrait(name: string): name is keyof CardTraits {
  return traits.includes(name);
}
