// The script of the page: it filters, sorts and pages the table of URLs. Without the script, the table shows all rows.
(() => {
  // biome-ignore lint/suspicious/noRedundantUseStrict: the page contains this as a script, not as a module
  "use strict";
  const table = document.querySelector(".urls");
  if (!table) return;
  const PAGE = 100;
  const body = table.tBodies[0];
  const tools = document.querySelector(".tools");
  const pages = document.querySelector(".pages");
  const count = document.querySelector("#count");
  const where = document.querySelector("#where");
  const nothing = document.querySelector("#nothing");
  const [back, on] = pages.querySelectorAll("button");
  const find = tools.querySelector("[type=search]");
  const wrong = tools.querySelector("[type=checkbox]");
  const kind = tools.querySelector("select");
  const rows = Array.from(body.rows, (element, place) => ({
    element,
    place,
    text: element.cells[0].textContent.toLowerCase(),
    kinds: (element.dataset.k || "").split(" "),
    wrong: element.classList.contains("wrong"),
    at: element.dataset.t === undefined ? Infinity : Number(element.dataset.t),
  }));
  let shown = rows;
  let page = 0;
  let sort = "";
  let down = false;
  const number = new Intl.NumberFormat("en");

  const order = {
    url: (one, two) => (one.text < two.text ? -1 : one.text > two.text ? 1 : 0),
    at: (one, two) => (one.at === two.at ? 0 : one.at - two.at),
  };

  function paint(all) {
    const last = Math.max(0, Math.ceil(shown.length / PAGE) - 1);
    page = Math.min(Math.max(page, 0), last);
    const part = all ? shown : shown.slice(page * PAGE, (page + 1) * PAGE);
    body.replaceChildren(...part.map((row) => row.element));
    back.disabled = page === 0;
    on.disabled = page === last;
    pages.hidden = last === 0;
    nothing.hidden = shown.length > 0;
    where.textContent = `Page ${number.format(page + 1)} of ${number.format(last + 1)}`;
  }

  function filter() {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    shown = rows.filter(
      (row) =>
        (!wrong.checked || row.wrong) &&
        (kind.value === "" || row.kinds.includes(kind.value)) &&
        words.every((word) => row.text.includes(word)),
    );
    if (sort) {
      const by = order[sort];
      shown.sort((one, two) => (down ? by(two, one) : by(one, two)) || one.place - two.place);
    }
    page = 0;
    const noun = rows.length === 1 ? "URL" : "URLs";
    count.textContent = `${number.format(shown.length)} of ${number.format(rows.length)} ${noun}`;
    paint(false);
  }

  for (const head of table.querySelectorAll("th[data-sort]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    head.classList.add("sorts");
    button.addEventListener("click", () => {
      down = sort === head.dataset.sort && !down;
      sort = head.dataset.sort;
      for (const other of table.querySelectorAll("th[data-sort]")) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      filter();
    });
  }
  const turn = (by) => {
    page += by;
    paint(false);
    table.scrollIntoView({ block: "start" });
  };
  back.addEventListener("click", () => turn(-1));
  on.addEventListener("click", () => turn(1));
  find.addEventListener("input", filter);
  wrong.addEventListener("change", filter);
  kind.addEventListener("change", filter);
  tools.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("beforeprint", () => paint(true));
  window.addEventListener("afterprint", () => paint(false));
  tools.hidden = false;
  filter();
})();
