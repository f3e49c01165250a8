package io.fustor.source.mysql.support;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.openqa.selenium.PageLoadStrategy;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/// Debian's Chromium without a window, driven by its own chromedriver, with a profile that is gone
/// when it is closed. Both are unpacked into the tests' cache by the first caller of this machine.
/// They need a glibc that is as new as that of Debian 12.
public final class Chromium implements AutoCloseable {

    private static final String RELEASE = "bookworm";

    /// The machine's own loader takes the machine's own C library.
    private static final Pattern C_LIBRARY =
            Pattern.compile(
                    "(ld-linux|ld-|libc|libm|libmvec|libdl|librt|libpthread|libresolv|libutil"
                            + "|libanl|libnsl|libnss_\\w+|libBrokenLocale|libthread_db)"
                            + "[-.].*");

    private static final String FONTS =
            """
            <?xml version="1.0"?>
            <!DOCTYPE fontconfig SYSTEM "fonts.dtd">
            <fontconfig>
              <dir>%s</dir>
              <cachedir>%s</cachedir>
              <match target="pattern">
                <test name="family" compare="not_eq"><string>monospace</string></test>
                <test name="family" compare="not_eq"><string>ui-monospace</string></test>
                <edit name="family" mode="append" binding="strong"><string>Liberation Sans</string></edit>
              </match>
              <match target="pattern">
                <test name="family"><string>ui-monospace</string></test>
                <edit name="family" mode="append" binding="strong"><string>DejaVu Sans Mono</string></edit>
              </match>
              <match target="pattern">
                <test name="family"><string>monospace</string></test>
                <edit name="family" mode="append" binding="strong"><string>DejaVu Sans Mono</string></edit>
              </match>
            </fontconfig>
            """;

    private final Folder folder;
    private final ChromeDriverService service;
    private final ChromeDriver driver;

    private Chromium(Folder folder, ChromeDriverService service, ChromeDriver driver) {
        this.folder = folder;
        this.service = service;
        this.driver = driver;
    }

    /// Starts a browser.
    ///
    /// @param language what it prefers, such as `zh-CN`
    /// @param isDark whether its system has dark colours
    public static Chromium start(String language, boolean isDark) {
        var root = root();
        var folder = Folder.temporary("fustor-chromium-");
        try {
            var environment = environment(root, folder.path());
            var service =
                    new ChromeDriverService.Builder()
                            .usingDriverExecutable(root.resolve("usr/bin/chromedriver").toFile())
                            .usingAnyFreePort()
                            .withEnvironment(environment)
                            .withLogFile(new File(folder.path().toFile(), "chromedriver.log"))
                            .build();
            var driver = new ChromeDriver(service, options(root, folder.path(), language, isDark));
            return new Chromium(folder, service, driver);
        } catch (IOException e) {
            folder.delete();
            throw new UncheckedIOException(e);
        }
    }

    private static Path root() {
        var packages =
                DebianPackages.ready(
                        "chromium-" + RELEASE,
                        RELEASE,
                        "chromium",
                        "chromium-driver",
                        "fonts-liberation",
                        "fonts-dejavu-core",
                        "fonts-wqy-microhei");
        return packages.root();
    }

    private static Map<String, String> environment(Path root, Path folder) throws IOException {
        var libraries = Files.createDirectories(folder.resolve("libraries"));
        for (var where : List.of("usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu")) {
            for (var part : List.of(".", "nss", "pulseaudio")) {
                link(root.resolve(where).resolve(part), libraries);
            }
        }
        var fonts = folder.resolve("fonts.conf");
        Files.writeString(
                fonts,
                FONTS.formatted(root.resolve("usr/share/fonts"), folder.resolve("font-cache")));
        return Map.of(
                "LD_LIBRARY_PATH", libraries.toString(),
                "FONTCONFIG_FILE", fonts.toString(),
                "HOME", folder.toString(),
                "XDG_CONFIG_HOME", folder.resolve("config").toString(),
                "XDG_CACHE_HOME", folder.resolve("cache").toString());
    }

    private static void link(Path from, Path libraries) throws IOException {
        if (!Files.isDirectory(from)) {
            return;
        }
        try (Stream<Path> files = Files.list(from)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                var name = file.getFileName().toString();
                var link = libraries.resolve(name);
                if (name.contains(".so")
                        && !C_LIBRARY.matcher(name).matches()
                        && Files.notExists(link)) {
                    Files.createSymbolicLink(link, file.toRealPath());
                }
            }
        }
    }

    private static ChromeOptions options(Path root, Path folder, String language, boolean isDark) {
        var arguments =
                new ArrayList<>(
                        List.of(
                                "--headless=new",
                                "--no-sandbox",
                                "--disable-gpu",
                                "--disable-quic",
                                "--disable-dev-shm-usage",
                                "--no-first-run",
                                "--disable-background-networking",
                                "--disable-component-update",
                                "--disable-sync",
                                "--disable-extensions",
                                "--enable-precise-memory-info",
                                "--js-flags=--expose-gc",
                                "--hide-scrollbars",
                                "--window-size=1360,900",
                                "--lang=" + language,
                                "--user-data-dir=" + folder.resolve("profile")));
        if (isDark) {
            arguments.add("--blink-settings=preferredColorScheme=0");
        }
        var logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, java.util.logging.Level.ALL);
        var options = new ChromeOptions();
        options.setBinary(root.resolve("usr/lib/chromium/chromium").toFile());
        options.addArguments(arguments);
        options.setPageLoadStrategy(PageLoadStrategy.NORMAL);
        options.setCapability("goog:loggingPrefs", logs);
        options.setExperimentalOption("prefs", Map.of("intl.accept_languages", language));
        return options;
    }

    public ChromeDriver driver() {
        return driver;
    }

    @Override
    public void close() {
        driver.quit();
        service.stop();
        folder.delete();
    }
}
