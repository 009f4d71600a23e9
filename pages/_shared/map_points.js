// What the map is drawn from and with: the points as the server packs them, and the plotting library, once a page.
function loadLibrary(url) {
  window.shelfwisePlotly ??= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = () => done(window.Plotly);
    script.onerror = () => { window.shelfwisePlotly = undefined; failed(new Error("The map's library did not come.")); };
    document.head.append(script);
  });
  return window.shelfwisePlotly;
}

function hasGraphics() {
  const context = document.createElement("canvas").getContext("webgl");
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return Boolean(context);
}

function decode(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  let at = 4 + length;
  const take = (Kind) => {
    const column = new Kind(buffer, at, header.n);
    at += Math.ceil(column.byteLength / 4) * 4;
    return column;
  };
  const columns = [Float32Array, Float32Array, Int32Array, Uint16Array, Int16Array].map(take);
  return { ...header, x: columns[0], y: columns[1], ids: columns[2], groups: columns[3], clusterOf: columns[4] };
}
