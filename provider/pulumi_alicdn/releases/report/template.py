"""The page as a Jinja template; everything that it is given is escaped."""

from typing import Final

TEMPLATE: Final = """\
{%- macro time(at) -%}
<time datetime="{{ at.isoformat() }}">{{ at | clock }}</time>
{%- endmacro -%}
{%- macro url(text) -%}
{%- set parts = text | split_url -%}
{%- if parts.href -%}
<a class="url" rel="noreferrer noopener" href="{{ parts.href }}">\
<span class="soft">{{ parts.site }}</span>{{ parts.rest }}</a>
{%- else -%}
<span class="url">{{ text | visible }}</span>
{%- endif -%}
{%- endmacro -%}
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{{ policy }}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>{{ headline }}: {{ story.name | visible }}</title>
<link rel="icon" href="data:,">
<style>{{ style }}</style>
</head>
<body>
<main>
<header class="banner {{ story.outcome }}">
<p class="state">{{ headline }}</p>
<h1><bdi>{{ story.name | visible }}</bdi></h1>
<p class="soft">{{ story.service | visible }} · began {{ time(story.began_at) }}{% if lanes %} · \
{{ story.total_s | duration }} in all{% endif %}</p>
{% if story.base_urls %}<ul>{% for base in story.base_urls %}<li>{{ url(base) }}</li>{% endfor %}</ul>{% endif %}
</header>
{% if story.failure %}<p class="failure" role="alert">{{ failure }}</p>{% endif %}
{% if story.reason %}<p class="reason">{{ story.reason | visible }}</p>{% endif %}
<dl class="figures">
{% for name, value, look in figures %}<div><dt>{{ name }}</dt><dd class="{{ look }}">{{ value }}</dd></div>
{% endfor %}</dl>

{% if lanes %}<h2 id="h-timeline">Timeline</h2>
<ol class="lanes" aria-labelledby="h-timeline">
{% for lane in lanes %}<li><div class="what"><b>{{ lane.name | visible }}</b>\
<span class="soft">{{ lane.detail | visible }}</span></div>\
<div class="track"><svg aria-hidden="true" focusable="false">
{% for at in (25, 50, 75) %}<line class="grid" x1="{{ at }}%" x2="{{ at }}%" y1="0" y2="34"/>{% endfor %}
{% for mark in lane.marks %}\
<circle class="{{ mark.look }}" cx="{{ mark.start }}%" cy="17" r="6"/>{% endfor %}
{% for bar in lane.bars %}\
<rect class="{{ bar.look }}" x="{{ bar.start }}%" width="{{ bar.width }}%" y="10" height="14" rx="3"/>\
{% endfor %}
{% if lane.curve %}<svg viewBox="0 0 1000 100" preserveAspectRatio="none" width="100%" height="34">\
<path class="{{ lane.look }}" d="{{ lane.curve }}"/></svg>{% endif %}
</svg></div></li>
{% endfor %}<li class="scale"><div class="what soft">Since the beginning</div>\
<div class="track"><svg role="img" aria-label="{{ scale_label }}">
{% for tick in ticks %}\
<text x="{{ tick.at }}%" y="21" text-anchor="{{ tick.anchor }}">{{ tick.text }}</text>{% endfor %}
</svg></div></li>
</ol>{% endif %}

<h2 id="h-edges">What the edges serve</h2>
<p>{{ proof }}</p>
{% if edges %}<table class="edges" aria-labelledby="h-edges">
<thead><tr><th scope="col">Edge</th>\
<th scope="col" class="num">Fresh</th><th scope="col" class="num">Not fresh</th></tr></thead>
<tbody>
{% for edge in edges %}<tr><th scope="row" class="mono">{{ edge.edge | visible }}</th>\
<td class="num good">{{ edge.fresh | number }}</td>\
<td class="num {{ 'bad' if edge.other else 'soft' }}">{{ edge.other | number }}</td></tr>
{% endfor %}</tbody></table>{% endif %}

<h2 id="h-urls">URLs</h2>
{% if rows %}<form class="tools" role="search" aria-label="Filter the URLs" hidden>
<label class="find">Find \
<input type="search" placeholder="part of a URL or a reason" autocomplete="off" spellcheck="false"></label>
<label class="box">Action <select><option value="">all</option><option value="refresh">refreshed</option>\
<option value="prefetch">prefetched</option><option value="none">neither</option></select></label>
<label class="box"><input type="checkbox"> Only mismatches</label>
<output id="count" aria-live="polite"></output>
</form>
<table class="urls" aria-labelledby="h-urls">
<thead><tr><th scope="col" class="c-url" data-sort="url">URL</th>\
<th scope="col" class="c-kind" data-sort="at">In effect</th>\
{% for name in columns %}<th scope="col">{{ name | visible }}</th>{% endfor %}</tr></thead>
<tbody>
{% for row in rows %}<tr data-k="{{ row.kinds }}"{% if row.at is not none %} data-t="{{ row.at }}"{% endif %}\
{% if row.wrong %} class="wrong"{% endif %}>\
<th scope="row">{{ url(row.url) }}\
{% if row.reasons %}<ul>{% for reason in row.reasons %}<li>{{ reason }}</li>{% endfor %}</ul>{% endif %}</th>\
<td>{% for action in row.actions %}<span class="{{ action.look }}">{{ action.text }}</span>\
{% if not loop.last %}<br>{% endif %}\
{% else %}<span class="o">none</span>{% endfor %}</td>\
{% for cell in row.cells %}\
<td class="{{ cell.look }}" data-l="{{ columns[loop.index0] | visible }}">{{ cell.text }}</td>{% endfor %}</tr>
{% endfor %}</tbody></table>
<p id="nothing" class="none" hidden>No URL matches the filter.</p>
<nav class="pages" aria-label="Pages of URLs" hidden><button type="button">Previous</button>\
<span id="where"></span><button type="button">Next</button></nav>
{% else %}<p class="none">No URL was refreshed, prefetched or looked at.</p>{% endif %}

{% if story.task_ids or story.request_ids %}<details><summary>Tasks and requests</summary>
{% if story.task_ids %}<p>Tasks: \
<span class="mono">{{ story.task_ids | map("visible") | join(", ") }}</span></p>{% endif %}
{% if story.request_ids %}<p>Requests: \
<span class="mono">{{ story.request_ids | map("visible") | join(", ") }}</span></p>{% endif %}
</details>{% endif %}
</main>
<script>{{ script }}</script>
</body>
</html>
"""
