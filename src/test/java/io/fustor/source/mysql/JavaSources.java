package io.fustor.source.mysql;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.ToolProvider;

/// The repository's Java files below one folder, read by the JDK's own compiler, for tests of how
/// they are written.
record JavaSources(List<SourceFile> files, SourcePositions positions) {

    /// One file.
    record SourceFile(Path path, String text, CompilationUnitTree tree) {

        int lines() {
            return Math.toIntExact(text.lines().count());
        }

        boolean isPackageInfo() {
            return path.endsWith("package-info.java");
        }

        String packageName() {
            return String.valueOf(tree.getPackageName());
        }
    }

    static JavaSources main() {
        return below(Path.of("src/main/java"));
    }

    static JavaSources test() {
        return below(Path.of("src/test/java"));
    }

    private static JavaSources below(Path folder) {
        var compiler = ToolProvider.getSystemJavaCompiler();
        try (var manager = compiler.getStandardFileManager(null, null, null);
                var paths = Files.walk(folder)) {
            var sorted = paths.filter(path -> path.toString().endsWith(".java")).sorted().toList();
            var task =
                    (JavacTask)
                            compiler.getTask(
                                    null,
                                    manager,
                                    null,
                                    List.of("-proc:none"),
                                    null,
                                    manager.getJavaFileObjectsFromPaths(sorted));
            var files = new ArrayList<SourceFile>();
            for (var tree : task.parse()) {
                var path = Path.of(tree.getSourceFile().toUri());
                files.add(new SourceFile(path, Files.readString(path), tree));
            }
            return new JavaSources(List.copyOf(files), Trees.instance(task).getSourcePositions());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
