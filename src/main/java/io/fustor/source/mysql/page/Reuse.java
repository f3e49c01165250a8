package io.fustor.source.mysql.page;

/// What caches may do with the answer to a request for a page.
enum Reuse {
    /// Nothing: it is for one client.
    NONE,
    /// It may be another one a moment later.
    BRIEF,
    /// What is in it stays right, and more will follow in it. While a cache asks for that, it may
    /// give other clients what it has.
    GROWING,
    /// It stays as it is.
    LASTING
}
