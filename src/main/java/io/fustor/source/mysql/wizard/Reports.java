package io.fustor.source.mysql.wizard;

import io.fustor.source.mysql.source.Check;
import io.fustor.source.mysql.source.CheckReport;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Builds the reports of steps with several checks, in one language.
final class Reports {

    private Reports() {}

    static CheckReport of(List<Check> checks, Texts texts) {
        List<Check> wrong = failed(checks, true);
        List<Check> advised = failed(checks, false);
        String message =
                wrong.isEmpty()
                        ? texts.get("report.passed", checks.size() - advised.size())
                        : texts.get("report.failed", wrong.size(), sentences(wrong, texts));
        if (!advised.isEmpty()) {
            message += texts.get("report.advised", advised.size(), sentences(advised, texts));
        }
        return new CheckReport(wrong.isEmpty(), Texts.oneLine(message), checks);
    }

    /// The report of a step that could not check anything.
    static CheckReport failed(String message) {
        return new CheckReport(false, Texts.oneLine(message), List.of());
    }

    /// A check that does not apply to the server's version or flavour.
    static Check notApplicable(
            String name, boolean required, String expected, String explanation, Texts texts) {
        return new Check(
                name, required, texts.get("not-applicable"), expected, true, explanation, null);
    }

    private static List<Check> failed(List<Check> checks, boolean required) {
        return checks.stream().filter(c -> !c.passed() && c.required() == required).toList();
    }

    /// A fix for several checks appears once, after the last of them.
    private static String sentences(List<Check> checks, Texts texts) {
        List<String> sentences = new ArrayList<>();
        for (int i = 0; i < checks.size(); i++) {
            Check check = checks.get(i);
            String fix = check.fix();
            boolean comes =
                    checks.subList(i + 1, checks.size()).stream()
                            .anyMatch(other -> fix != null && fix.equals(other.fix()));
            sentences.add(sentence(check, comes ? null : fix, texts));
        }
        return String.join(" | ", sentences);
    }

    private static String sentence(Check check, @Nullable String fix, Texts texts) {
        String sentence = texts.get("report.check", check.name(), check.actual(), check.expected());
        return fix == null ? sentence : sentence + texts.get("report.fix", fix);
    }
}
