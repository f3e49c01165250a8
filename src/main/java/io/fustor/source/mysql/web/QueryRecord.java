package io.fustor.source.mysql.web;

import jakarta.servlet.http.HttpServletRequest;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Parameter;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.BindParam;

/// A record that holds a request's query as it came: each component is one parameter, a `String`
/// or, if it may be given more than once, a `String[]`; null if it is missing.
///
/// Spring could fill such a record too. It reads the annotations of all components again for each
/// of them and for each request, which costs more than to find a place in the binlog.
final class QueryRecord {

    private static final Map<Class<?>, QueryRecord> KNOWN = new ConcurrentHashMap<>();

    private final Constructor<?> constructor;
    private final String[] names;
    private final boolean[] isArray;

    private QueryRecord(Class<?> type) {
        constructor = type.getDeclaredConstructors()[0];
        constructor.setAccessible(true);
        Parameter[] components = constructor.getParameters();
        names = Arrays.stream(components).map(QueryRecord::name).toArray(String[]::new);
        isArray = new boolean[components.length];
        for (int i = 0; i < components.length; i++) {
            isArray[i] = components[i].getType() == String[].class;
            if (!isArray[i] && components[i].getType() != String.class) {
                throw new IllegalArgumentException(
                        type.getName() + ": " + names[i] + " is neither String nor String[]");
            }
        }
    }

    static QueryRecord of(Class<?> type) {
        return KNOWN.computeIfAbsent(type, QueryRecord::new);
    }

    private static String name(Parameter component) {
        BindParam bound = component.getAnnotation(BindParam.class);
        return bound == null ? component.getName() : bound.value();
    }

    String[] names() {
        return names.clone();
    }

    /// Whether a parameter may be given more than once.
    boolean isArray(int index) {
        return isArray[index];
    }

    Object of(HttpServletRequest request) {
        @Nullable Object[] values = new Object[names.length];
        for (int i = 0; i < names.length; i++) {
            values[i] =
                    isArray[i]
                            ? request.getParameterValues(names[i])
                            : request.getParameter(names[i]);
        }
        try {
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
