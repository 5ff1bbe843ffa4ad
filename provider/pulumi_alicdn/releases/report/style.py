"""The style of the page: light and dark, phone and desktop, screen and paper."""

from typing import Final

STYLE: Final = """
:root {
  color-scheme: light dark;
  --back: #ffffff; --panel: #f6f8fa; --line: #d1d9e0; --text: #1f2328; --soft: #59636e; --link: #0550ae;
  --good: #116329; --bad: #b3131f; --wait: #7d4e00; --refresh: #0969da; --prefetch: #8250df; --proof: #1a7f37;
  --bad-back: #fff1f0; --good-back: #eefbf1; --wait-back: #fff8e5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #0d1117; --panel: #161b22; --line: #3d444d; --text: #e6edf3; --soft: #9da7b1; --link: #79b8ff;
    --good: #56d364; --bad: #ff8079; --wait: #e3b341; --refresh: #58a6ff; --prefetch: #bc8cff; --proof: #3fb950;
    --bad-back: #2a1517; --good-back: #0f2418; --wait-back: #272010;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body {
  margin: 0; background: var(--back); color: var(--text); -webkit-text-size-adjust: 100%;
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", "Open Sans", sans-serif;
}
main { max-width: 1120px; margin: 0 auto; padding: 24px 20px 64px; }
h1 { font-size: 22px; line-height: 1.3; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 17px; margin: 36px 0 12px; }
p { margin: 8px 0; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 3px; }
.soft { color: var(--soft); }
.mono, .url {
  font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 13px;
}
.banner { border: 1px solid var(--line); border-left: 6px solid; border-radius: 6px; padding: 14px 18px; }
.banner.live { border-left-color: var(--good); background: var(--good-back); }
.banner.failed { border-left-color: var(--bad); background: var(--bad-back); }
.banner.submitted { border-left-color: var(--wait); background: var(--wait-back); }
.banner p { margin: 4px 0 0; }
.banner ul { margin: 4px 0 0; padding: 0; list-style: none; }
.banner li { overflow-wrap: anywhere; }
.state { text-transform: uppercase; letter-spacing: .04em; font-size: 12px; font-weight: 700; }
.live .state, .good { color: var(--good); }
.failed .state, .bad { color: var(--bad); }
.submitted .state, .wait { color: var(--wait); }
.failure {
  white-space: pre-wrap; overflow-wrap: anywhere; margin: 16px 0 0; padding: 12px 16px;
  border: 1px solid var(--bad); border-radius: 6px;
}
.reason { margin: 16px 0 0; overflow-wrap: anywhere; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(128px, 1fr)); gap: 10px; margin: 20px 0 0; }
.figures div { border: 1px solid var(--line); border-radius: 6px; padding: 8px 12px; background: var(--panel); }
.figures dt { color: var(--soft); font-size: 13px; }
.figures dd { margin: 0; font-size: 19px; font-weight: 600; font-variant-numeric: tabular-nums; }
.lanes { list-style: none; margin: 0; padding: 0; border: 1px solid var(--line); border-radius: 6px; overflow: hidden; }
.lanes li { display: grid; grid-template-columns: minmax(0, 5fr) minmax(0, 9fr); border-top: 1px solid var(--line); }
.lanes li:first-child { border-top: 0; }
.lanes .what { padding: 6px 12px; background: var(--panel); border-right: 1px solid var(--line); }
.lanes .what b { font-weight: 600; overflow-wrap: anywhere; }
.lanes .what span { display: block; font-size: 13px; overflow-wrap: anywhere; }
.lanes .track { padding: 0 14px; display: flex; align-items: center; min-width: 0; }
.lanes .track > svg { display: block; width: 100%; height: 34px; overflow: visible; }
.lanes .scale .what { display: flex; align-items: center; }
.lanes text { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
.grid { stroke: var(--line); stroke-dasharray: 2 3; }
.upload { fill: var(--soft); } .submit { fill: var(--text); }
.refresh { fill: var(--refresh); } .prefetch { fill: var(--prefetch); } .proof { fill: var(--proof); }
.fault { fill: var(--bad); } .open { fill: var(--wait); }
table { width: 100%; border-collapse: collapse; }
caption { text-align: left; color: var(--soft); padding: 0 0 8px; }
th, td { text-align: left; vertical-align: top; padding: 7px 10px; border-bottom: 1px solid var(--line); }
thead th { font-size: 13px; color: var(--soft); font-weight: 600; background: var(--panel); overflow-wrap: anywhere; }
th.num, td.num { text-align: right; font-variant-numeric: tabular-nums; }
.edges { max-width: 720px; }
.edges th[scope=row] { font-weight: 400; overflow-wrap: anywhere; }
th button {
  all: unset; cursor: pointer; font: inherit; color: inherit;
}
th button:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
th button::after { content: " ↕"; }
th[aria-sort=ascending] button::after { content: " ↑"; }
th[aria-sort=descending] button::after { content: " ↓"; }
.urls { table-layout: fixed; }
.urls .c-url { width: 42%; } .urls .c-kind { width: 18%; }
.urls td { font-size: 14px; }
.urls td, .urls th { overflow-wrap: anywhere; }
.urls th[scope=row] { font-weight: 400; }
.urls tr.wrong { background: var(--bad-back); }
.urls ul { list-style: none; margin: 4px 0 0; padding: 0; font-size: 13px; }
.y { color: var(--good); } .n { color: var(--bad); font-weight: 600; } .o { color: var(--soft); }
.tools { display: flex; flex-wrap: wrap; gap: 10px 16px; align-items: center; margin: 0 0 12px; }
.tools input[type=search], .tools select, .pages button {
  font: inherit; color: var(--text); background: var(--back); border: 1px solid var(--soft); border-radius: 6px;
  padding: 7px 10px; min-height: 40px; max-width: 100%;
}
::placeholder { color: var(--soft); opacity: 1; }
.tools label.find { flex: 1 1 240px; display: flex; gap: 8px; align-items: center; }
.tools label.find input { flex: 1; min-width: 0; }
.tools label.box { display: inline-flex; gap: 8px; align-items: center; min-height: 40px; }
.tools input[type=checkbox] { width: 18px; height: 18px; margin: 0; }
.pages { display: flex; gap: 12px; align-items: center; justify-content: center; margin: 16px 0 0; }
.pages button { cursor: pointer; }
.pages button:disabled { color: var(--soft); cursor: default; border-color: var(--line); }
details { margin: 24px 0 0; } summary { cursor: pointer; }
details p { overflow-wrap: anywhere; }
.none { padding: 18px; border: 1px dashed var(--line); border-radius: 6px; color: var(--soft); }
@media (max-width: 640px) {
  main { padding: 14px 12px 48px; }
  .figures { grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 8px; }
  .figures div { padding: 6px 9px; }
  .figures dd { font-size: 16px; }
  .lanes li { grid-template-columns: minmax(0, 1fr); }
  .lanes .what { border-right: 0; }
  .lanes .what { padding-bottom: 0; background: none; }
  .lanes .scale .what { display: none; }
  .urls, .urls tbody { display: block; }
  .urls caption { display: block; }
  .urls thead { display: block; }
  .urls thead tr { display: flex; gap: 18px; }
  .urls thead th { border: 0; background: none; padding: 4px 0; width: auto; white-space: nowrap; }
  .urls thead th:not(.sorts) { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .urls tbody tr {
    display: block; border: 1px solid var(--line); border-radius: 6px; margin: 0 0 8px; padding: 8px 12px;
  }
  .urls tbody th, .urls tbody td { display: block; border: 0; padding: 1px 0; width: auto; }
  .urls tbody td[data-l] { display: flex; gap: 10px; justify-content: space-between; }
  .urls tbody td[data-l]::before { content: attr(data-l); color: var(--soft); font-weight: 400; min-width: 0; }
}
@media print {
  :root { color-scheme: light; }
  main { max-width: none; padding: 0; }
  .tools, .pages, th button::after { display: none; }
  .urls tr, .lanes li { break-inside: avoid; }
  thead { display: table-header-group; }
  a { color: inherit; }
  svg, .banner, .figures div, .urls tr.wrong { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""
"""Text has a contrast of at least 4.5 on every ground it stands on (WCAG 2.2, 1.4.3); the tests measure it."""
