package io.fustor.source.mysql.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.Chromium;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.logging.Level;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.ElementNotInteractableException;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;

/// The console in a browser, as a test uses it.
///
/// The page may render anew at any moment. So no element leaves this class: a method reads in one
/// script, or finds and uses an element in one step, which begins anew where the element is gone.
final class ConsolePage implements AutoCloseable {

    static final Duration LONGEST = Duration.ofSeconds(20);

    /// Errors that a test causes on purpose: refusals, and a service that is away.
    private static final List<String> EXPECTED = List.of("Failed to load resource", "net::ERR_");

    /// The words of all elements of a selector that are shown.
    private static final String TEXTS =
            """
            return [...document.querySelectorAll(arguments[0])]
              .filter((one) => one.checkVisibility()).map((one) => one.innerText.trim());
            """;

    private static final String FIRST =
            """
            return [...document.querySelectorAll(arguments[0])]
              .find((one) => one.checkVisibility() && !one.disabled) ?? null;
            """;

    /// What can be pressed and has these words, in elements of a selector.
    private static final String PRESSED =
            """
            return [...document.querySelectorAll(arguments[0])]
              .flatMap((one) => [...one.querySelectorAll("button, a, summary")])
              .find((one) => one.checkVisibility() && !one.disabled
                  && one.innerText.trim() === arguments[1]) ?? null;
            """;

    /// The control of a label, the last one if there are several.
    private static final String LABELLED =
            """
            const label = [...document.querySelectorAll("main label")]
              .filter((one) => one.innerText.trim() === arguments[0]).at(-1);
            return label ? document.getElementById(label.htmlFor) : null;
            """;

    private static final String VALUE =
            "const control = (function () {%s})(...arguments); return control?.value ?? null;"
                    .formatted(LABELLED);

    /// Goes to a panel, and remembers the one that is left, if the console replaces it.
    private static final String GO =
            """
            const before = location.hash;
            location.hash = arguments[0];
            window.left = location.hash === before ? null : document.querySelector("main > :last-child");
            """;

    /// Asks once for the whole page, for what axe calls serious or critical.
    private static final String JUDGE =
            """
            const done = arguments[arguments.length - 1];
            axe.run(document, { resultTypes: ["violations"] }).then((found) => done(found.violations
              .filter((one) => one.impact === "serious" || one.impact === "critical")
              .map((one) => one.id + ": " + one.nodes.map((node) => node.html.slice(0, 120) + " "
                  + node.failureSummary).join("; "))));
            """;

    private final Chromium browser;
    private final String base;
    private int clicks;
    private int fields;

    private ConsolePage(Chromium browser, String base) {
        this.browser = browser;
        this.base = base;
    }

    /// A browser that may read what a page copied.
    static ConsolePage open(String language, boolean isDark, int port) {
        var page = new ConsolePage(Chromium.start(language, isDark), "http://127.0.0.1:" + port);
        page.tell(
                "Browser.grantPermissions",
                Map.of(
                        "permissions",
                        List.of("clipboardReadWrite", "clipboardSanitizedWrite"),
                        "origin",
                        page.base));
        return page;
    }

    private ChromeDriver driver() {
        return browser.driver();
    }

    private void tell(String command, Map<String, Object> parameters) {
        driver().executeCdpCommand(command, parameters);
    }

    /// From the next page on, the browser is that of another person.
    void become(String language, boolean isDark) {
        String agent = String.valueOf(script("return navigator.userAgent"));
        tell(
                "Emulation.setUserAgentOverride",
                Map.of("userAgent", agent, "acceptLanguage", language));
        tell(
                "Emulation.setEmulatedMedia",
                Map.of(
                        "features",
                        List.of(
                                Map.of(
                                        "name",
                                        "prefers-color-scheme",
                                        "value",
                                        isDark ? "dark" : "light"))));
    }

    /// Loads the console anew.
    void load() {
        driver().get(base + "/console/");
    }

    /// Loads the console anew, and goes to a panel.
    void goTo(String panel) {
        load();
        find("nav a");
        show(panel);
    }

    /// Goes to another panel of the page that is shown.
    void show(String panel) {
        var name = panel.replaceAll("[?/].*", "");
        script(GO, "#/" + panel);
        await(panel)
                .until(
                        () ->
                                isTrue(
                                        "const panel = document.querySelector('main > fustor-%s');"
                                                        .formatted(name)
                                                + "return panel !== null && panel !== window.left"));
    }

    void signOut() {
        driver().manage().deleteAllCookies();
        load();
        find(".sign-in");
    }

    void signIn(String token) {
        signOut();
        type(".sign-in input", token);
        click(".sign-in button");
        find("nav a");
    }

    /// Waits for an element.
    void find(String selector) {
        await(selector).until(() -> count(selector) > 0);
    }

    void awaitNone(String selector) {
        await("no " + selector).until(() -> count(selector) == 0);
    }

    int count(String selector) {
        return (int) number("document.querySelectorAll(arguments[0]).length", selector);
    }

    /// The words of every element that is shown.
    List<String> texts(String selector) {
        var found = (List<?>) Objects.requireNonNull(script(TEXTS, selector));
        return found.stream().map(String::valueOf).toList();
    }

    /// The words of the first element that is shown, once it is there.
    String text(String selector) {
        return await(selector).until(() -> texts(selector), all -> !all.isEmpty()).getFirst();
    }

    void awaitText(String selector, String text) {
        await(text + " in " + selector)
                .until(() -> texts(selector).stream().anyMatch(one -> one.contains(text)));
    }

    /// What the control of a label has.
    String value(String label) {
        return await(label).until(() -> (String) script(VALUE, label), Objects::nonNull);
    }

    /// Presses a button or a link with these words.
    void press(String text) {
        press("main, dialog", text);
    }

    /// Presses a button or a link with these words in an element of a selector.
    void press(String within, String text) {
        use("button " + text + " in " + within, WebElement::click, PRESSED, within, text);
        clicks++;
    }

    /// Presses the first element of a selector.
    void click(String selector) {
        use(selector, WebElement::click, FIRST, selector);
        clicks++;
    }

    void type(String selector, CharSequence keys) {
        use(selector, element -> element.sendKeys(keys), FIRST, selector);
        fields++;
    }

    /// Replaces what the control of a label has.
    void fill(String label, String value) {
        Consumer<WebElement> replace =
                element -> {
                    element.clear();
                    element.sendKeys(value);
                };
        use(label, replace, LABELLED, label);
        fields++;
    }

    /// Chooses from the list of a label.
    void choose(String label, String option) {
        use(label, element -> element.sendKeys(option), LABELLED, label);
    }

    /// Finds an element and uses it in one step.
    private void use(String what, Consumer<WebElement> use, String finder, Object... arguments) {
        await(what)
                .until(
                        () -> {
                            var element = (WebElement) script(finder, arguments);
                            if (element == null) {
                                return false;
                            }
                            use.accept(element);
                            return true;
                        });
    }

    /// How often something was pressed.
    int clicks() {
        return clicks;
    }

    /// How often something was typed into a field.
    int fields() {
        return fields;
    }

    /// Awaits a condition, which is asked anew where what it reads was replaced.
    ConditionFactory await(String what) {
        return Awaitility.await(what)
                .atMost(LONGEST)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(20))
                .ignoreExceptionsMatching(
                        failure ->
                                failure instanceof StaleElementReferenceException
                                        || failure instanceof ElementNotInteractableException);
    }

    String clipboard() {
        return String.valueOf(
                driver().executeAsyncScript(
                                "navigator.clipboard.readText().then(arguments[arguments.length - 1])"));
    }

    @Nullable Object script(String script, Object... arguments) {
        return driver().executeScript(script, arguments);
    }

    boolean isTrue(String script) {
        return Boolean.TRUE.equals(script(script));
    }

    /// A figure of the page's own.
    long number(String expression, Object... arguments) {
        var number = script("return Number(" + expression + ")", arguments);
        return ((Number) Objects.requireNonNull(number)).longValue();
    }

    String source() {
        return Objects.requireNonNull(driver().getPageSource());
    }

    byte[] picture() {
        rest();
        return driver().getScreenshotAs(OutputType.BYTES);
    }

    void resize(int width, int height) {
        driver().manage().window().setSize(new Dimension(width, height));
    }

    /// Colours are judged where they came to rest.
    private void rest() {
        script("document.getAnimations().forEach((one) => one.finish())");
    }

    /// What axe finds serious or critical.
    List<?> accessibilityFaults() throws IOException {
        if (!isTrue("return 'axe' in window")) {
            try (InputStream axe = ConsolePage.class.getResourceAsStream("/axe.min.js")) {
                script(new String(axe.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        rest();
        return (List<?>) driver().executeAsyncScript(JUDGE);
    }

    /// That no script failed, and nothing was refused by the page's own policy.
    void expectNoErrors() {
        assertThat(driver().manage().logs().get(LogType.BROWSER).getAll())
                .filteredOn(entry -> entry.getLevel().equals(Level.SEVERE))
                .extracting(LogEntry::getMessage)
                .noneMatch(text -> EXPECTED.stream().noneMatch(text::contains));
    }

    @Override
    public void close() {
        browser.close();
    }
}
