package io.fustor.source.mysql.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/// Lets only a few requests for streams at a time through the checks before their controller.
///
/// Virtual threads run in order of arrival and are not time-sliced. If thousands of subscribers
/// return at once, everything else that the service does would otherwise queue after the work for
/// all of them, again at each of its steps: a query to a server, a look at a source. Requests that
/// wait here are parked, and cost the others nothing.
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
class ArrivalPace extends HttpFilter implements HandlerInterceptor, WebMvcConfigurer {

    private static final long serialVersionUID = 1L;

    private static final String TURN = ArrivalPace.class.getName();
    private static final int AT_ONCE_PER_CORE = 4;

    /// A check that blocks, for example on another service's keys, holds the others up no longer.
    private static final Duration LONGEST = Duration.ofSeconds(2);

    private final transient Semaphore turns;
    private final transient Duration longest;

    ArrivalPace() {
        this(AT_ONCE_PER_CORE * Runtime.getRuntime().availableProcessors(), LONGEST);
    }

    /// @param atOnce how many requests are checked at a time
    /// @param longest how long a request waits at most
    ArrivalPace(int atOnce, Duration longest) {
        this.turns = new Semaphore(atOnce, true);
        this.longest = longest;
    }

    @Override
    protected void doFilter(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (StreamPath.of(request) != StreamPath.EVENTS) {
            chain.doFilter(request, response);
            return;
        }
        Runnable turn = turn();
        request.setAttribute(TURN, turn);
        try {
            chain.doFilter(request, response);
        } finally {
            turn.run();
        }
    }

    /// @return gives the turn back, once
    private Runnable turn() {
        try {
            if (!turns.tryAcquire(longest.toNanos(), TimeUnit.NANOSECONDS)) {
                return () -> {};
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return () -> {};
        }
        AtomicBoolean isOver = new AtomicBoolean();
        return () -> {
            if (!isOver.getAndSet(true)) {
                turns.release();
            }
        };
    }

    @Override
    public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(this);
    }

    /// The request came to its controller. The next one follows.
    @Override
    public boolean preHandle(
            HttpServletRequest request, HttpServletResponse response, Object controller) {
        if (request.getAttribute(TURN) instanceof Runnable turn) {
            turn.run();
        }
        return true;
    }
}
