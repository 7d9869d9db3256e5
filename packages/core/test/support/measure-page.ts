// SPDX-License-Identifier: Apache-2.0
// These functions run in a browser, each by itself: they may use nothing of this file but types.

/** What is wrong with how a page looks, in sentences; and how much was looked at. */
export interface PageFaults {
  readonly texts: number;
  readonly faults: readonly string[];
}

/** What an image is like. */
export interface ImageFigures {
  readonly width: number;
  readonly height: number;
  readonly colours: number;
  /** From 0, black, to 1, white: the mean of all dots. */
  readonly brightness: number;
  /** Of the dots that have the most frequent colour. */
  readonly largestShare: number;
}

interface Rect {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

interface PageElement {
  readonly parentElement: PageElement | null;
  readonly scrollWidth: number;
  readonly textContent: string;
  open: boolean;
  getBoundingClientRect(): Rect;
  checkVisibility(): boolean;
  closest(selector: string): PageElement | null;
}

interface TextNode {
  readonly textContent: string;
  readonly parentElement: PageElement;
}

interface Canvas {
  getContext(kind: '2d'): {
    drawImage(image: unknown, x: number, y: number): void;
    getImageData(x: number, y: number, width: number, height: number): { readonly data: Uint8ClampedArray };
  };
}

declare const document: {
  readonly body: PageElement;
  readonly documentElement: PageElement;
  readonly activeElement: PageElement;
  querySelectorAll(selector: string): Iterable<PageElement>;
  createTreeWalker(root: PageElement, what: number): { nextNode(): TextNode | null };
  createRange(): { selectNodeContents(node: TextNode): void; getClientRects(): Iterable<Rect> };
};
declare const innerWidth: number;
declare function getComputedStyle(element: PageElement): Readonly<Record<string, string>>;
declare const OffscreenCanvas: new (width: number, height: number) => Canvas;
declare function createImageBitmap(blob: Blob): Promise<{ readonly width: number; readonly height: number }>;

/**
 * Looks for what sticks out of the window or of a box that cuts it, for texts over each other or broken into crumbs, and for colours that
 * cannot be told apart.
 */
export function findPageFaults(): PageFaults {
  const faults: string[] = [];
  if (document.documentElement.scrollWidth > innerWidth)
    faults.push(`the page is ${document.documentElement.scrollWidth} wide, the window ${innerWidth}`);

  // Source: WCAG 2.2, relative luminance and contrast ratio.
  const channels = (colour: string): number[] => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (colour: string): number => {
    const [red = 0, green = 0, blue = 0] = channels(colour).map((channel) => {
      const part = channel / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one: string, other: string): number => {
    const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const backgroundOf = (element: PageElement | null): string => {
    if (element === null) return 'rgb(255, 255, 255)';
    const colour = getComputedStyle(element)['backgroundColor'] ?? '';
    return channels(colour)[3] === 0 ? backgroundOf(element.parentElement) : colour;
  };

  const texts: { readonly text: string; readonly rect: Rect }[] = [];
  const walker = document.createTreeWalker(document.body, 4);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const text = node.textContent.trim().slice(0, 40);
    const head = node.parentElement.closest('thead');
    // What is folded, and what is for screen readers alone.
    if (
      text === '' ||
      !node.parentElement.checkVisibility() ||
      (head !== null && getComputedStyle(head)['position'] === 'absolute')
    )
      continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const rects = [...range.getClientRects()].filter(
      ({ left, right, top, bottom }) => right - left > 1 && bottom - top > 1,
    );
    if (rects.length === 0) continue;
    const lineLength = node.textContent.trim().length / rects.length;
    if (rects.length > 2 && lineLength < 8) faults.push(`"${text}" is squeezed into ${rects.length} lines`);
    for (const rect of rects) {
      texts.push({ text, rect });
      if (rect.left < 0 || rect.right > innerWidth + 0.5) faults.push(`"${text}" sticks out of the window`);
      for (let box: PageElement | null = node.parentElement; box !== null; box = box.parentElement) {
        const { left, right, top, bottom } = box.getBoundingClientRect();
        const style = getComputedStyle(box);
        const isInline = style['display'] === 'inline';
        if (!isInline && (rect.left < left - 1 || rect.right > right + 1))
          faults.push(`"${text}" is wider than its box`);
        if (style['overflowY'] !== 'visible' && (rect.top < top - 1 || rect.bottom > bottom + 1))
          faults.push(`"${text}" is cut`);
      }
    }
    const ratio = contrast(getComputedStyle(node.parentElement)['color'] ?? '', backgroundOf(node.parentElement));
    if (!(ratio >= 4.5)) faults.push(`"${text}" has a contrast of ${ratio.toFixed(2)}`);
  }
  for (const [index, { text, rect }] of texts.entries()) {
    for (const other of texts.slice(index + 1)) {
      const wide = Math.min(rect.right, other.rect.right) - Math.max(rect.left, other.rect.left);
      const high = Math.min(rect.bottom, other.rect.bottom) - Math.max(rect.top, other.rect.top);
      if (wide > 1 && high > 2) faults.push(`"${text}" lies on "${other.text}"`);
    }
  }
  return { texts: texts.length, faults: [...new Set(faults)] };
}

/** Opens whatever is folded. */
export function unfoldAll(): void {
  for (const details of document.querySelectorAll('details')) details.open = true;
}

/** All text, seen or not. */
export function textOfPage(): string {
  return document.body.textContent;
}

/** Where the keyboard is, and how that is shown. */
export function focusedElement(): { readonly text: string; readonly outline: string | undefined } {
  const { activeElement } = document;
  return { text: activeElement.textContent, outline: getComputedStyle(activeElement)['outlineStyle'] };
}

/** @param png - in base64. */
export async function measureImage(png: string): Promise<ImageFigures> {
  const bytes = Uint8Array.from(atob(png), (character) => character.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes]));
  const { width, height } = image;
  const context = new OffscreenCanvas(width, height).getContext('2d');
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  const counts = new Map<number, number>();
  let sum = 0;
  for (let at = 0; at < data.length; at += 4) {
    const [red = 0, green = 0, blue = 0] = data.subarray(at, at + 3);
    sum += (red + green + blue) / 3 / 255;
    const colour = (red << 16) | (green << 8) | blue;
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const dots = width * height;
  return {
    width,
    height,
    colours: counts.size,
    brightness: sum / dots,
    largestShare: Math.max(...counts.values()) / dots,
  };
}
