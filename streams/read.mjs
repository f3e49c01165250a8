// Reads a stream of pages with the protocol's own client and prints each element as one line.
//
//   node read.mjs <url> <offset> <elements> <live: true|long-poll|sse|false> <elements between cuts, 0 for none>
import { stream } from "@durable-streams/client";

const [url, start, elements, live, cut] = process.argv.slice(2);
const wanted = Number(elements);
const mode = live === "true" ? true : live === "false" ? false : live;
let offset = start;
let received = 0;

function read(most) {
  return new Promise((resolve, reject) => {
    const ending = new AbortController();
    let here = 0;
    stream({ url, offset, live: mode, signal: ending.signal, json: true })
      .then((response) => {
        response.subscribeJson(async (batch) => {
          if (ending.signal.aborted) {
            return;
          }
          for (const item of batch.items) {
            process.stdout.write(JSON.stringify(item) + "\n");
          }
          received += batch.items.length;
          here += batch.items.length;
          offset = batch.offset;
          if (received >= wanted || (most > 0 && here >= most)) {
            ending.abort();
            resolve();
          }
        });
        response.closed.then(resolve, reject);
      })
      .catch(reject);
  });
}

/// Without a live mode, the client reads to the end of what there is.
async function readToTheEnd() {
  const response = await stream({ url, offset, live: false, json: true });
  for (const item of await response.json()) {
    process.stdout.write(JSON.stringify(item) + "\n");
    received++;
  }
  offset = response.offset;
}

while (received < wanted) {
  await (mode === false ? readToTheEnd() : read(Number(cut)));
}
// A pipe takes what was written later than write() returns.
process.stdout.end(() => process.exit(0));
