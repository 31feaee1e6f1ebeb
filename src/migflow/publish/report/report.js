const specs = JSON.parse(document.getElementById("specs").textContent);
const narrow = window.innerWidth < 600;

/** On a phone labels of a legend stand below each other. */
function oneColumn(part) {
  if (part === null || typeof part !== "object") return;
  if (part.legend?.columns) part.legend.columns = 1;
  Object.values(part).forEach(oneColumn);
}

for (const place of document.querySelectorAll("[data-chart]")) {
  const spec = specs[place.dataset.chart];
  if (spec.spec) {
    spec.spec.width = Math.max(150, place.clientWidth - (narrow ? 150 : 210));
  } else {
    spec.width = "container";
    spec.autosize = { type: "fit-x", contains: "padding" };
  }
  if (narrow) {
    spec.config.axis.labelLimit = 130;
    oneColumn({ ...spec, datasets: null });
    spec.config.legend = { ...spec.config.legend, orient: "bottom", columns: 2 };
  }
  vegaEmbed(place, spec, { actions: false, renderer: "svg" });
}
