package io.fustor.source.mysql.support;

import java.util.Random;

/// Where the randomized tests of this project get their seeds.
///
/// In `verify` a test has the same seed in every build, so that the result of a build depends only
/// on what is built. The long forms, which look for faults, draw a new one each time.
public final class Seeds {

    private static final boolean FIXED = Boolean.getBoolean("seeds.fixed");

    private Seeds() {}

    /// @param property the system property that names a seed, for example to repeat a failure
    /// @param test the test, so that each has another seed
    public static long of(String property, Class<?> test) {
        long otherwise = FIXED ? test.getName().hashCode() : new Random().nextLong();
        return Long.getLong(property, otherwise);
    }
}
