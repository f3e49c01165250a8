package io.fustor.source.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.ImportTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import io.fustor.source.mysql.JavaSources.SourceFile;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import javax.lang.model.element.Modifier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Prints how our code measures beside the models it follows: a mirror, not a fence. It fails only
/// where it cannot read the sources.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StyleFiguresTests {

    private static final String ROOT = "io.fustor.source.mysql";
    private static final int LONG_METHOD = 40;
    private static final int MANY_ARGUMENTS = 6;
    private static final Pattern SLEEP =
            Pattern.compile("\\b(Thread|TimeUnit\\.[A-Z]+)\\s*\\.\\s*sleep\\b");

    /// A method or constructor.
    private record Method(String name, int lines, int nesting) {}

    /// A class's own constructor; records are data and count their components as they like.
    private record Constructor(String name, int arguments) {}

    private final List<Method> methods = new ArrayList<>();
    private final List<Constructor> constructors = new ArrayList<>();
    private final Map<String, Set<String>> uses = new TreeMap<>();
    private int topLevelTypes;
    private int publicTopLevelTypes;
    private JavaSources main;

    @BeforeAll
    void read() {
        main = JavaSources.main();
        main.files().forEach(this::read);
    }

    @Test
    void printsOurFiguresBesideTheModels() {
        var lengths =
                main.files().stream()
                        .filter(file -> !file.isPackageInfo())
                        .sorted(Comparator.comparingInt(SourceFile::lines))
                        .toList();
        var longest = lengths.getLast();
        var method = methods.stream().max(Comparator.comparingInt(Method::lines)).orElseThrow();
        var deepest = methods.stream().max(Comparator.comparingInt(Method::nesting)).orElseThrow();
        var constructor =
                constructors.stream().max(Comparator.comparingInt(Constructor::arguments));

        var table = new StringBuilder("\n");
        line(table, "", "models", "aim", "ours");
        line(table, "median main file", "50-63", "<= 80", lengths.get(lengths.size() / 2).lines());
        line(
                table,
                "longest main file",
                "182-335",
                "<= 400",
                longest.lines() + " " + name(longest));
        line(table, "longest method", "22", "<= 40", method.lines() + " " + method.name());
        line(table, "nesting in a method", "3", "<= 3", deepest.nesting() + " " + deepest.name());
        line(table, "packages in cycles", "0", "0", inCycles());
        line(
                table,
                "constructor arguments",
                "2-7",
                "<= 6",
                constructor.map(most -> most.arguments() + " " + most.name()).orElse("0"));
        line(
                table,
                "public top-level types",
                "51 %",
                "<= 55 %",
                100 * publicTopLevelTypes / topLevelTypes + " % of " + topLevelTypes);
        line(table, "sleeps in tests", "0", "0", sleepsInTests());
        methods.stream()
                .filter(each -> each.lines() > LONG_METHOD)
                .forEach(
                        each ->
                                table.append(
                                        "long: %s, %d lines%n"
                                                .formatted(each.name(), each.lines())));
        constructors.stream()
                .filter(each -> each.arguments() > MANY_ARGUMENTS)
                .forEach(each -> table.append("many arguments: %s%n".formatted(each.name())));
        System.out.println(table);

        assertThat(lengths).isNotEmpty();
    }

    private static void line(
            StringBuilder table, String what, Object models, Object aim, Object ours) {
        table.append("%-24s %-9s %-8s %s%n".formatted(what, models, aim, ours));
    }

    private static String name(SourceFile file) {
        return file.path().getFileName().toString();
    }

    private void read(SourceFile file) {
        new FileScanner(file).scan(file.tree(), null);
        for (var type : file.tree().getTypeDecls()) {
            if (type instanceof ClassTree declared) {
                topLevelTypes++;
                if (declared.getModifiers().getFlags().contains(Modifier.PUBLIC)) {
                    publicTopLevelTypes++;
                }
            }
        }
    }

    private int inCycles() {
        return Math.toIntExact(uses.keySet().stream().filter(this::reachesItself).count());
    }

    private boolean reachesItself(String start) {
        var seen = new HashSet<String>();
        var next = new ArrayList<>(uses.getOrDefault(start, Set.of()));
        while (!next.isEmpty()) {
            var reached = next.removeLast();
            if (reached.equals(start)) {
                return true;
            }
            if (seen.add(reached)) {
                next.addAll(uses.getOrDefault(reached, Set.of()));
            }
        }
        return false;
    }

    private static long sleepsInTests() {
        return JavaSources.test().files().stream()
                .mapToLong(file -> SLEEP.matcher(file.text()).results().count())
                .sum();
    }

    private final class FileScanner extends TreePathScanner<Void, Void> {

        private static final Set<Tree.Kind> NESTING =
                EnumSet.of(
                        Tree.Kind.IF,
                        Tree.Kind.FOR_LOOP,
                        Tree.Kind.ENHANCED_FOR_LOOP,
                        Tree.Kind.WHILE_LOOP,
                        Tree.Kind.DO_WHILE_LOOP,
                        Tree.Kind.SWITCH,
                        Tree.Kind.SWITCH_EXPRESSION,
                        Tree.Kind.TRY,
                        Tree.Kind.SYNCHRONIZED);

        private final SourceFile file;
        private int deepest;

        FileScanner(SourceFile file) {
            this.file = file;
        }

        @Override
        public Void visitImport(ImportTree node, Void nothing) {
            var imported = node.getQualifiedIdentifier().toString();
            if (imported.startsWith(ROOT + ".")) {
                var module = ROOT + "." + imported.substring(ROOT.length() + 1).split("\\.", -1)[0];
                if (!module.equals(file.packageName())) {
                    uses.computeIfAbsent(file.packageName(), _ -> new TreeSet<>()).add(module);
                }
            }
            return super.visitImport(node, nothing);
        }

        @Override
        public Void visitMethod(MethodTree node, Void nothing) {
            var enclosing = (ClassTree) getCurrentPath().getParentPath().getLeaf();
            var name = enclosing.getSimpleName() + "." + node.getName();
            int outer = deepest;
            deepest = 0;
            super.visitMethod(node, nothing);
            methods.add(new Method(name, lines(node), deepest));
            deepest = outer;
            if (node.getReturnType() == null && enclosing.getKind() != Tree.Kind.RECORD) {
                constructors.add(
                        new Constructor(
                                enclosing.getSimpleName().toString(), node.getParameters().size()));
            }
            return null;
        }

        @Override
        public Void scan(Tree node, Void nothing) {
            if (node != null && NESTING.contains(node.getKind())) {
                deepest = Math.max(deepest, depth(new TreePath(getCurrentPath(), node)));
            }
            return super.scan(node, nothing);
        }

        /// How many statements that nest stand around this one, itself among them, inside its
        /// method; an `else if` stands beside its `if`.
        private static int depth(TreePath path) {
            int depth = 0;
            for (var at = path;
                    at != null && at.getLeaf().getKind() != Tree.Kind.METHOD;
                    at = at.getParentPath()) {
                boolean isElseIf =
                        at.getLeaf().getKind() == Tree.Kind.IF
                                && at.getParentPath().getLeaf().getKind() == Tree.Kind.IF;
                if (NESTING.contains(at.getLeaf().getKind()) && !isElseIf) {
                    depth++;
                }
            }
            return depth;
        }

        private int lines(MethodTree node) {
            var map = file.tree().getLineMap();
            long end = main.positions().getEndPosition(file.tree(), node);
            long start = main.positions().getStartPosition(file.tree(), node);
            return Math.toIntExact(map.getLineNumber(end) - map.getLineNumber(start) + 1);
        }
    }
}
