import ts from "typescript";

/** What the architecture rules look at in one source file. Lines count from 1. */
export interface SourceFacts {
  readonly imports: readonly ImportFact[];
  /** Mentions of clocks, chance and the process: `Date.now`, `setTimeout`, `process`. */
  readonly globals: readonly { readonly name: string; readonly line: number }[];
}

export interface ImportFact {
  readonly specifier: string;
  readonly line: number;
  /**
   * Nothing is loaded at run time. `import { type A } from "x"` does load x (verbatimModuleSyntax); only
   * `import type` does not.
   */
  readonly typeOnly: boolean;
}

const WATCHED = new Set(["setTimeout", "setInterval", "performance", "process", "Date.now", "Math.random", "new Date"]);

export function sourceFacts(path: string, text: string): SourceFacts {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const imports: ImportFact[] = [];
  const globals: { name: string; line: number }[] = [];
  const lineOf = (node: ts.Node): number => file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
  const visit = (node: ts.Node): void => {
    const found = importOf(node);
    if (found) imports.push({ ...found, line: lineOf(node) });
    const name = globalOf(node);
    if (name !== undefined && WATCHED.has(name)) globals.push({ name, line: lineOf(node) });
    ts.forEachChild(node, visit);
  };
  visit(file);
  return { imports, globals };
}

function importOf(node: ts.Node): Omit<ImportFact, "line"> | undefined {
  if (ts.isImportDeclaration(node)) {
    return named(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
  }
  if (ts.isExportDeclaration(node)) return named(node.moduleSpecifier, node.isTypeOnly);
  if (ts.isImportTypeNode(node)) {
    return named(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, true);
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return named(node.arguments[0], false);
  }
  return undefined;
}

function named(specifier: ts.Node | undefined, typeOnly: boolean): Omit<ImportFact, "line"> | undefined {
  return specifier && ts.isStringLiteralLike(specifier) ? { specifier: specifier.text, typeOnly } : undefined;
}

/** `Date.now` for that access, `new Date` for the time of now, a bare name for a variable nobody qualified. */
function globalOf(node: ts.Node): string | undefined {
  if (ts.isNewExpression(node) && node.arguments?.length === 0) return `new ${node.expression.getText()}`;
  if (ts.isPropertyAccessExpression(node)) {
    return node.expression.getText() === "globalThis" ? node.name.text : node.getText();
  }
  if (!ts.isIdentifier(node)) return undefined;
  return isValueUse(node, node.parent) ? node.text : undefined;
}

function isValueUse(node: ts.Identifier, parent: ts.Node): boolean {
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent)) return parent.initializer === node;
  return !ts.isDeclarationStatement(parent) && !ts.isTypeNode(parent) && !isNamed(node, parent);
}

/** The name in a method, parameter, property, import or type query, and not a use of the global. */
function isNamed(node: ts.Identifier, parent: ts.Node): boolean {
  return "name" in parent && parent.name === node;
}
