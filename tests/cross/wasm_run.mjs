// SPDX-License-Identifier: BSD-3-Clause
// Runs the selftest's module under node: node wasm_run.mjs MODULE FOLDER. Writes FOLDER/controller.trace and
// FOLDER/driver.trace, as the process does. Exit status: 0; 1 something did not hold; 2 usage.
import fs from 'node:fs';
import path from 'node:path';

const [file, folder] = process.argv.slice(2);
if (!file || !folder) {
	console.error('usage: node wasm_run.mjs MODULE FOLDER');
	process.exit(2);
}

const module_ = new WebAssembly.Module(fs.readFileSync(file));
// A module that imports nothing cannot reach a clock, a file or anything else.
const imports = WebAssembly.Module.imports(module_);
if (imports.length > 0) {
	console.error('the module imports ' + imports.map((i) => i.module + '.' + i.name).join(', '));
	process.exit(1);
}

const { exports } = new WebAssembly.Instance(module_, {});

function text(pointer) {
	const bytes = new Uint8Array(exports.memory.buffer, pointer);
	return Buffer.from(bytes.subarray(0, bytes.indexOf(0))).toString();
}

const failure = exports.selftest();
['controller', 'driver'].forEach((name, side) => {
	const trace = new Uint8Array(exports.memory.buffer, exports.trace(side), exports.trace_bytes(side));
	fs.writeFileSync(path.join(folder, name + '.trace'), trace);
});
if (failure !== 0) {
	console.error(text(failure));
	process.exit(1);
}
