package io.fustor.source.mysql.wizard;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.stream.Collectors;

/// What a step that checks several things answers.
///
/// @param success whether all required checks passed
/// @param message for people whose interface shows nothing else: what failed and how to mend it
@Schema(description = "What a step of the wizard found")
record CheckReport(boolean success, String message, List<Check> checks) {

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
        return new CheckReport(wrong.isEmpty(), message, checks);
    }

    /// A step that could not look at anything.
    static CheckReport failed(String message) {
        return new CheckReport(false, message, List.of());
    }

    private static List<Check> failed(List<Check> checks, boolean required) {
        return checks.stream().filter(c -> !c.passed() && c.required() == required).toList();
    }

    private static String sentences(List<Check> checks, Texts texts) {
        return checks.stream().map(check -> sentence(check, texts)).collect(Collectors.joining());
    }

    private static String sentence(Check check, Texts texts) {
        String sentence = texts.get("report.check", check.name(), check.actual(), check.expected());
        return check.fix() == null ? sentence : sentence + texts.get("report.fix", check.fix());
    }
}
