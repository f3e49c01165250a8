package io.fustor.source.mysql.web;

import io.fustor.source.mysql.error.RequestCode;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.Sentence;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springdoc.core.annotations.ParameterObject;
import org.springframework.core.DefaultParameterNameDiscoverer;
import org.springframework.core.MethodParameter;
import org.springframework.core.annotation.SynthesizingMethodParameter;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;

/// Refuses a query parameter that the controller method does not declare, one that is given twice
/// and is no array, and one without a value. Otherwise such a mistake would silently change the
/// meaning of the request. The accepted parameters are read from the method's `@RequestParam`s and
/// from its `@ParameterObject` records. There is no other list.
final class QueryParameters implements HandlerInterceptor {

    private static final String OUR_CODE = "io.fustor.source.mysql.";

    /// Declared by a `@RequestParam Map`: the path belongs to a contract that is not ours.
    private static final Set<String> ANY = Set.of("*");

    private final Map<Method, Taken> taken = new ConcurrentHashMap<>();

    /// What a method takes.
    ///
    /// @param arrays those that may be given more than once
    private record Taken(Set<String> names, Set<String> arrays) {}

    @Override
    public boolean preHandle(
            HttpServletRequest request, HttpServletResponse response, Object handler) {
        String query = request.getQueryString();
        if (query != null
                && request.getDispatcherType() == DispatcherType.REQUEST
                && handler instanceof HandlerMethod method
                && method.getBeanType().getName().startsWith(OUR_CODE)) {
            check(query, taken.computeIfAbsent(method.getMethod(), QueryParameters::takenBy));
        }
        return true;
    }

    /// Reads the text of the query, because a form body is not part of it.
    private static void check(String query, Taken taken) {
        Set<String> known = taken.names;
        if (known.equals(ANY)) {
            return;
        }
        Set<String> seen = new HashSet<>();
        for (String part : query.split("&", -1)) {
            if (part.isEmpty()) {
                continue;
            }
            int equals = part.indexOf('=');
            String name = decoded(equals < 0 ? part : part.substring(0, equals));
            if (!known.contains(name)) {
                throw unknown(name, known);
            }
            if (!seen.add(name) && !taken.arrays.contains(name)) {
                throw RequestException.invalid("parameter.twice", name);
            }
            if (equals < 0 || decoded(part.substring(equals + 1)).isBlank()) {
                throw RequestException.invalid("parameter.empty", name);
            }
        }
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new RequestException(
                    RequestCode.INVALID_REQUEST, Sentence.of("parameter.unreadable"), e);
        }
    }

    private static RequestException unknown(String name, Set<String> known) {
        Sentence takes =
                known.isEmpty()
                        ? Sentence.of("parameter.takes-none")
                        : Sentence.of("parameter.takes", String.join(", ", new TreeSet<>(known)));
        return RequestException.invalid(
                "parameter.unknown", Suggestion.quoted(name), Suggestion.of(name, known), takes);
    }

    private static Taken takenBy(Method method) {
        return new Taken(declaredBy(method), arraysOf(method));
    }

    private static Set<String> arraysOf(Method method) {
        Set<String> names = new HashSet<>();
        for (Parameter parameter : method.getParameters()) {
            if (parameter.isAnnotationPresent(ParameterObject.class)) {
                QueryRecord query = QueryRecord.of(parameter.getType());
                String[] components = query.names();
                for (int i = 0; i < components.length; i++) {
                    if (query.isArray(i)) {
                        names.add(components[i]);
                    }
                }
            }
        }
        return Set.copyOf(names);
    }

    /// The names of the parameters that a method reads; `*` if it reads any.
    static Set<String> declaredBy(Method method) {
        Set<String> names = new HashSet<>();
        for (int index = 0; index < method.getParameterCount(); index++) {
            MethodParameter parameter = new SynthesizingMethodParameter(method, index);
            RequestParam single = parameter.getParameterAnnotation(RequestParam.class);
            if (single != null && parameter.getParameterType() == Map.class) {
                return ANY;
            }
            if (single != null) {
                parameter.initParameterNameDiscovery(new DefaultParameterNameDiscoverer());
                names.add(name(single.name(), parameter.getParameterName()));
            }
            if (parameter.hasParameterAnnotation(ParameterObject.class)) {
                names.addAll(List.of(QueryRecord.of(parameter.getParameterType()).names()));
            }
        }
        return Set.copyOf(names);
    }

    private static String name(String given, @Nullable String declared) {
        return given.isEmpty() && declared != null ? declared : given;
    }
}
