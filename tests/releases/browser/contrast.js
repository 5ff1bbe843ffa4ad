// Every visible text with its contrast to the ground it stands on (WCAG 2.2, 1.4.3).
() => {
  const parse = (color) => color.match(/[\d.]+/g).map(Number);
  const light = ([red, green, blue]) => {
    const [r, g, b] = [red, green, blue].map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    const below = element.closest("text")?.previousElementSibling;
    const filled = below?.tagName === "rect" ? getComputedStyle(below).fill : "none";
    if (filled !== "none") return parse(filled);
    for (let at = element; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const found = [];
  const walk = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode.textContent.trim();
    const element = walk.currentNode.parentElement;
    if (!text || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const one = light(parse(element.closest("svg") ? style.fill : style.color));
    const two = light(ground(element));
    found.push({ text, contrast: (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05) });
  }
  return found;
};
