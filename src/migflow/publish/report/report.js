const specs = JSON.parse(document.getElementById("specs").textContent);
const narrow = window.innerWidth < 600;
const TWO_LINES =
  "length(datum.label) > 24 ? split(replace(datum.label, regexp('(.{12,}?) '), '$1\\n'), '\\n') : datum.label";

/** On a phone labels of a legend stand below each other, and long ones of an axis take two lines. */
function fold(part) {
  if (part === null || typeof part !== "object") return;
  if (part.legend?.columns) part.legend.columns = 1;
  if (part.y?.type === "nominal") part.y.axis = { ...part.y.axis, labelExpr: TWO_LINES, labelLineHeight: 10 };
  Object.values(part).forEach(fold);
}

/** Charts in rows of their own do not follow the width of their place: they are drawn again when it changes. */
function drawRows(place, spec) {
  const labels = spec.spec.encoding.y.type === "quantitative" ? 60 : narrow ? 150 : 190;
  const draw = () => {
    spec.spec.width = Math.max(150, place.clientWidth - labels);
    vegaEmbed(place, spec, { actions: false, renderer: "svg" });
  };
  draw();
  window.addEventListener("resize", draw);
}

for (const place of document.querySelectorAll("[data-chart]")) {
  const spec = specs[place.dataset.chart];
  if (narrow) {
    spec.config.axis.labelLimit = 130;
    fold({ ...spec, datasets: null });
    spec.config.legend = { ...spec.config.legend, orient: "bottom", columns: 2 };
  }
  if (spec.spec) {
    drawRows(place, spec);
  } else {
    spec.width = "container";
    spec.autosize = { type: "fit-x", contains: "padding" };
    vegaEmbed(place, spec, { actions: false, renderer: "svg" });
  }
}
