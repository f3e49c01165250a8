package io.fustor.source.mysql;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.pattern.MessageConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.pattern.DynamicConverter;
import io.fustor.source.mysql.error.PlainText;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.boot.logging.logback.ExtendedWhitespaceThrowableProxyConverter;
import org.springframework.context.ApplicationListener;
import org.springframework.core.Ordered;

/// Prevents external text from starting a log line or controlling a terminal, in every message of
/// every logger, including libraries, and in exception messages. It changes the layouts that Spring
/// Boot has configured, for any pattern. A structured format escapes by itself.
class PlainLog implements ApplicationListener<ApplicationEnvironmentPreparedEvent>, Ordered {

    private static final int LONGEST_MESSAGE = 16_384;

    /// Reports a failed start in several lines, which are all ours.
    private static final String REPORTER =
            "org.springframework.boot.diagnostics.LoggingFailureAnalysisReporter";

    private static final List<String> MESSAGES = List.of("m", "msg", "message");
    private static final List<String> THROWABLES =
            List.of(
                    "ex",
                    "exception",
                    "throwable",
                    "xEx",
                    "xException",
                    "xThrowable",
                    "rEx",
                    "rootException",
                    "wEx",
                    "wex");

    /// Runs right after Spring Boot has configured the log.
    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE + 21;
    }

    @Override
    public void onApplicationEvent(ApplicationEnvironmentPreparedEvent event) {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            context.getLoggerList()
                    .forEach(
                            logger -> {
                                Iterator<Appender<ILoggingEvent>> appenders =
                                        logger.iteratorForAppenders();
                                appenders.forEachRemaining(PlainLog::change);
                            });
        }
    }

    // Logback declares the map with a raw type.
    @SuppressWarnings("rawtypes")
    private static void change(Appender<ILoggingEvent> appender) {
        if (appender instanceof OutputStreamAppender<ILoggingEvent> writer
                && writer.getEncoder() instanceof PatternLayoutEncoder encoder
                && encoder.getLayout() instanceof PatternLayout layout) {
            Map<String, Supplier<DynamicConverter>> converters = layout.getInstanceConverterMap();
            MESSAGES.forEach(word -> converters.put(word, PlainMessage::new));
            THROWABLES.forEach(word -> converters.put(word, PlainThrowables::new));
            layout.stop();
            layout.start();
        }
    }

    /// The message, with control characters escaped.
    static final class PlainMessage extends MessageConverter {
        @Override
        public String convert(ILoggingEvent event) {
            String message = super.convert(event);
            if (message == null || event.getLoggerName().equals(REPORTER)) {
                return message;
            }
            return PlainText.of(message, LONGEST_MESSAGE);
        }
    }

    /// Stack traces, whose messages may contain external text.
    static final class PlainThrowables extends ExtendedWhitespaceThrowableProxyConverter {
        @Override
        protected String throwableProxyToString(IThrowableProxy thrown) {
            return super.throwableProxyToString(new PlainThrowable(thrown));
        }
    }
}
