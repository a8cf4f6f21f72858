import { readFileSync } from "node:fs";
import js from "@eslint/js";
import prettier from "eslint-config-prettier";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

/** Who may use which package, clock, process and file system; `test/architecture.test.ts` reads the same table. */
const rules = JSON.parse(readFileSync(new URL("test/support/repository/architecture.json", import.meta.url), "utf8"));

/** What code in `folder` (of src, or "simulators") may not touch, as ESLint rules. */
function houseRules(folder) {
  const may = (owners) => owners.includes(folder);
  const clock = "time is a dependency: take a kit Clock";
  const chance = "chance is a dependency: take a kit Random";
  const globals = [];
  const properties = [];
  const modules = [];
  const syntax = [];
  if (!may(rules.time)) {
    for (const name of ["setTimeout", "setInterval", "performance"]) globals.push({ name, message: clock });
    properties.push({ object: "Date", property: "now", message: clock });
    properties.push({ object: "Math", property: "random", message: chance });
    modules.push({ group: ["node:timers", "node:timers/*", "node:perf_hooks"], message: clock });
    syntax.push({ selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: clock });
  }
  if (!may(rules.process)) {
    globals.push({ name: "process", message: "only src/app talks to the process" });
    if (!may(rules.time)) modules.push({ group: ["node:process"], message: "only src/app talks to the process" });
  }
  if (!may(rules.files)) {
    modules.push({ group: ["node:fs", "node:fs/*"], message: `files belong to ${rules.files.join(", ")}` });
  }
  for (const [name, owners] of Object.entries(rules.owners)) {
    if (!may(owners)) modules.push({ regex: `^${name}(/|$)`, message: `belongs to src/${owners.join(", src/")}` });
  }
  return {
    "no-restricted-globals": ["error", { globals, checkGlobalObject: true }],
    "no-restricted-properties": ["error", ...properties],
    "no-restricted-imports": ["error", { patterns: modules }],
    "no-restricted-syntax": ["error", ...syntax],
  };
}

/** A test left out, or the only one run, is a check that cannot fail. Peer tests use `before(peer(…))`. */
const noTestLeftOut = ["describe", "it", "context", "specify"].flatMap((object) =>
  ["only", "skip"].map((property) => ({ object, property, message: "every test runs" })),
);

export default defineConfig(
  { ignores: ["dist/", "coverage/", "**/*_pb.ts", "**/*.d.ts"] },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  js.configs.recommended,
  { files: ["*.js"], languageOptions: { globals: { URL: "readonly" } } },
  { files: ["bin/*.cjs"], languageOptions: { globals: { process: "readonly", require: "readonly" } } },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      // The compiler decides: noPropertyAccessFromIndexSignature.
      "@typescript-eslint/dot-notation": "off",
      // Control characters are what these expressions look for.
      "no-control-regex": "off",
      // A promise nobody waits for belongs to a Scope; `void` would only hide it.
      "@typescript-eslint/no-floating-promises": ["error", { ignoreVoid: false }],
      "@typescript-eslint/no-import-type-side-effects": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", ignoreRestSiblings: true }],
      "default-case-last": "error",
      eqeqeq: "error",
      "max-lines": ["error", 400],
      "no-console": "error",
      // Numbers, bigints and booleans read well in messages; objects do not, and stay forbidden.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      // `() => timer.cancel()` says what it does, and `return` in each case of a switch keeps it exhaustive.
      "@typescript-eslint/no-confusing-void-expression": [
        "error",
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      // Interfaces of the field (a Line, a Clock) promise to be asynchronous where one implementation need not be.
      "@typescript-eslint/require-await": "off",
    },
  },
  Object.keys(rules.layers).map((folder) => ({ files: [`src/${folder}/**/*.ts`], rules: houseRules(folder) })),
  { files: ["simulators/**/*.ts"], rules: houseRules("simulators") },
  {
    files: ["test/**/*.ts"],
    rules: {
      "no-restricted-properties": ["error", ...noTestLeftOut],
      // A whole suite is one function to mocha, and its tables are as long as what they cover.
      "max-lines": "off",
    },
  },
  { files: ["bench/**/*.ts", "test/support/**/*.ts"], rules: { "no-console": "off" } },
  prettier,
);
