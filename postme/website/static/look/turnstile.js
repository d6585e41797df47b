// The small sum of a form that very many send at once (docs/decisions/0029-turnstile.md): a number that, hashed with the form's puzzle
// (SHA-256), begins with so many zero bits. It is found in a worker while somebody types, and put into the form. Nothing else is
// read, kept or sent; without this file the form works too.
"use strict";
(() => {
  // Source: FIPS 180-4, 4.2.2 and 5.3.3.
  const K = new Int32Array([
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2]);
  const FIRST = [
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];
  const W = new Int32Array(64);

  // One block of 64 bytes (FIPS 180-4, 6.2.2), from a state into that state.
  const block = (state, bytes, start) => {
    for (let i = 0; i < 16; i++, start += 4) W[i] = (bytes[start] << 24) | (bytes[start + 1] << 16) | (bytes[start + 2] << 8) | bytes[start + 3];
    for (let i = 16; i < 64; i++) {
      const x = W[i - 15], y = W[i - 2];
      W[i] = (W[i - 16] + W[i - 7] + ((x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3) + ((y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10)) | 0;
    }
    let a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
    for (let i = 0; i < 64; i++) {
      const one = (h + ((e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)) + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
      const two = (((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
    }
    state[0] += a; state[1] += b; state[2] += c; state[3] += d; state[4] += e; state[5] += f; state[6] += g; state[7] += h;
  };

  // The number that solves a puzzle: the first that does, counted up from zero. What all hashes begin with is hashed once.
  const solved = (puzzle, bits) => {
    const head = Array.from(`${puzzle}.`, (one) => one.charCodeAt(0));
    const state = new Uint32Array(FIRST), now = new Uint32Array(8), tail = new Uint8Array(128);
    let at = 0;
    for (; at + 64 <= head.length; at += 64) block(state, head, at);
    const rest = head.slice(at);
    for (let number = 0; ; number++) {
      const digits = String(number), length = rest.length + digits.length;
      tail.fill(0);
      tail.set(rest);
      for (let i = 0; i < digits.length; i++) tail[rest.length + i] = digits.charCodeAt(i);
      tail[length] = 0x80;
      const end = length + 9 <= 64 ? 64 : 128, size = (at + length) * 8;
      tail[end - 4] = size >>> 24; tail[end - 3] = size >>> 16; tail[end - 2] = size >>> 8; tail[end - 1] = size;
      now.set(state);
      block(now, tail, 0);
      if (end === 128) block(now, tail, 64);
      if (Math.clz32(now[0]) >= bits) return digits;
    }
  };

  if (typeof document === "undefined") {
    addEventListener("message", (event) => postMessage(solved(event.data.puzzle, event.data.bits)));
    return;
  }

  const puzzle = document.querySelector("input[name=puzzle]"), proofs = [...document.querySelectorAll("input[name=proof]")];
  if (!puzzle || proofs.every((one) => one.value) || typeof Worker === "undefined") return;
  let waiting = null, done = false;
  const go = () => { done = true; if (waiting) waiting.click(); };
  const worker = new Worker(document.currentScript.src);
  worker.addEventListener("message", (event) => { for (const one of proofs) one.value = event.data; go(); });
  worker.addEventListener("error", go);
  // Of 18 bits, which are the most: more than 32 would need a second word.
  worker.postMessage({ puzzle: puzzle.value, bits: Number(puzzle.value.split(".")[1]) });
  document.addEventListener("submit", (event) => {
    // Only the last button needs the sum. A browser that does not say which was pressed sends the form as it is.
    if (done || !event.submitter || event.submitter.value !== "send") return;
    event.preventDefault();
    if (!waiting) setTimeout(go, 20000);  // Chosen: nobody waits longer before a button than before a slow page
    waiting = event.submitter;
    const said = document.getElementById("sum");
    if (said) said.textContent = said.dataset.says;
  });
})();
