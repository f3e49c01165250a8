package io.fustor.source.mysql.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.jar.JarFile;

/// A jar of the test class path that holds a server's files. Several jars hold a file of the same
/// name, so a jar is found by its own name.
final class JarOfServer {

    private JarOfServer() {}

    /// Copies one file of a jar.
    ///
    /// @param jar what the jar's name begins with
    /// @param name of the file, from the jar's root
    static void copy(String jar, String name, Path to) {
        try (var in = find(jar, name).openStream()) {
            Files.copy(in, to, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Copies all files of a jar below a folder.
    ///
    /// @param jar what the jar's name begins with
    /// @param folder from the jar's root, with a slash at its end
    static void copyAll(String jar, String folder, Path to) {
        try {
            // A jar may lack entries for its folders; this one has its manifest in any case.
            var connection = (JarURLConnection) find(jar, "META-INF/MANIFEST.MF").openConnection();
            connection.setUseCaches(false);
            try (var file = connection.getJarFile()) {
                copyAll(file, folder, to);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void copyAll(JarFile file, String folder, Path to) throws IOException {
        for (var entry : Collections.list(file.entries())) {
            if (entry.isDirectory() || !entry.getName().startsWith(folder)) {
                continue;
            }
            var target = to.resolve(entry.getName().substring(folder.length()));
            Files.createDirectories(target.getParent());
            try (var in = file.getInputStream(entry)) {
                Files.copy(in, target);
            }
        }
    }

    private static URL find(String jar, String name) throws IOException {
        for (var url : Collections.list(ClassLoader.getSystemResources(name))) {
            if (url.getPath().contains("/" + jar)) {
                return url;
            }
        }
        throw new IllegalStateException(
                name
                        + " of "
                        + jar
                        + "….jar is not on the class path; the jars of older servers come with"
                        + " -Dlong=servers");
    }
}
