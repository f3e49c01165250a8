package io.fustor.source.mysql.connection;

/// A MySQL user's name and password. Its text form never shows the password.
///
/// @param password empty if the user has none
public record Credential(String user, String password) {

    @Override
    public String toString() {
        return "Credential[user=" + user + "]";
    }
}
