package io.fustor.source.mysql.support;

import static net.bytebuddy.matcher.ElementMatchers.isAbstract;
import static net.bytebuddy.matcher.ElementMatchers.isMethod;
import static net.bytebuddy.matcher.ElementMatchers.nameStartsWith;
import static net.bytebuddy.matcher.ElementMatchers.not;

import java.lang.instrument.Instrumentation;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import net.bytebuddy.agent.ByteBuddyAgent;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.agent.builder.ResettableClassFileTransformer;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.matcher.ElementMatcher;

/// Makes methods of the service throw an [Error] when they are entered: every method of some
/// packages first notes which kind of thread runs it, and then throws where it is armed to, once.
/// One at a time in a JVM.
public final class ThrownErrors implements AutoCloseable {

    private static final String ROOT = "io.fustor.source.mysql.";

    private static final Map<Point, Boolean> SEEN = new ConcurrentSkipListMap<>();
    private static final AtomicReference<Armed> ARMED = new AtomicReference<>();

    private final Instrumentation instrumentation;
    private final ResettableClassFileTransformer transformer;

    /// A method, as it is run by one kind of thread.
    public record Point(String thread, String method) implements Comparable<Point> {

        @Override
        public int compareTo(Point other) {
            int byThread = thread.compareTo(other.thread);
            return byThread != 0 ? byThread : method.compareTo(other.method);
        }
    }

    private record Armed(Point point, Supplier<? extends Error> error, boolean isOnce) {}

    /// What every method does first.
    public static final class Entry {

        private Entry() {}

        @Advice.OnMethodEnter
        static void enter(@Advice.Origin("#t.#m") String method) {
            ThrownErrors.entered(method);
        }
    }

    private ThrownErrors(List<String> packages) {
        instrumentation = ByteBuddyAgent.install();
        ElementMatcher.Junction<net.bytebuddy.description.NamedElement> types =
                nameStartsWith(ROOT + packages.getFirst() + ".");
        for (String each : packages) {
            types = types.or(nameStartsWith(ROOT + each + "."));
        }
        transformer =
                new AgentBuilder.Default()
                        .disableClassFormatChanges()
                        .with(AgentBuilder.RedefinitionStrategy.RETRANSFORMATION)
                        // Changing a class loads those that it names, which are found only then.
                        .with(
                                AgentBuilder.RedefinitionStrategy.DiscoveryStrategy.Reiterating
                                        .INSTANCE)
                        .with(AgentBuilder.Listener.StreamWriting.toSystemError().withErrorsOnly())
                        .type(types)
                        .transform(
                                (type, _, _, _, _) ->
                                        type.visit(
                                                Advice.to(Entry.class)
                                                        .on(isMethod().and(not(isAbstract())))))
                        .installOn(instrumentation);
    }

    /// @param packages of the service, such as `capture`
    public static ThrownErrors in(String... packages) {
        SEEN.clear();
        return new ThrownErrors(List.of(packages));
    }

    /// Called by the methods.
    public static void entered(String method) {
        Thread thread = Thread.currentThread();
        Point point = new Point(kind(thread.getName()), method.substring(ROOT.length()));
        SEEN.putIfAbsent(point, true);
        Armed armed = ARMED.get();
        if (armed != null
                && armed.point.equals(point)
                && (!armed.isOnce || ARMED.compareAndSet(armed, null))) {
            throw armed.error.get();
        }
    }

    /// `capture-127.0.0.1:3306` and `tomcat-handler-7` are of the kinds `capture` and
    /// `tomcat-handler`.
    private static String kind(String thread) {
        int end = 0;
        while (end < thread.length()
                && (Character.isLetter(thread.charAt(end))
                        || "- ".indexOf(thread.charAt(end)) >= 0)) {
            end++;
        }
        String kind = thread.substring(0, end).strip();
        return kind.endsWith("-") ? kind.substring(0, kind.length() - 1) : kind;
    }

    /// Which methods were entered since [#in].
    public List<Point> seen() {
        return List.copyOf(SEEN.keySet());
    }

    /// Makes a method throw when it is entered next.
    public void arm(Point point, Supplier<? extends Error> error) {
        ARMED.set(new Armed(point, error, true));
    }

    /// Makes a method throw whenever it is entered: other services of the JVM may enter it first.
    public void armUntilDisarmed(Point point, Supplier<? extends Error> error) {
        ARMED.set(new Armed(point, error, false));
    }

    /// Whether the armed method threw.
    public boolean hasThrown() {
        return ARMED.get() == null;
    }

    /// Whether the armed method threw; it does not any more.
    public boolean disarm() {
        return ARMED.getAndSet(null) == null;
    }

    @Override
    public void close() {
        ARMED.set(null);
        transformer.reset(instrumentation, AgentBuilder.RedefinitionStrategy.RETRANSFORMATION);
    }
}
