package io.fustor.source.mysql.condition;

/// The values of one row that a condition needs, each by its slot: its number among the ordinals of
/// [BoundCondition#ordinals]. Values are read when they are asked for, in the form that [ValueForm]
/// says.
public interface RowValues {

    boolean isNull(int slot);

    /// The value of a slot of the form [ValueForm#NUMBER] that is not NULL.
    long number(int slot);

    /// The value of a slot of the form [ValueForm#REAL] that is not NULL.
    double real(int slot);

    /// The number by which the row stores the value of a slot that is an `ENUM` or `SET` and not
    /// NULL; -1 where it stores the text.
    long label(int slot);

    /// Makes the value of a slot of the form [ValueForm#BYTES] that is not NULL the one that
    /// [#bytes], [#from] and [#to] tell.
    void load(int slot);

    /// What holds the loaded value; valid until the next one is loaded.
    byte[] bytes();

    /// Where the loaded value begins.
    int from();

    /// Where the loaded value ends.
    int to();
}
