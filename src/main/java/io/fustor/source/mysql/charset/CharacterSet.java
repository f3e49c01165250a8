package io.fustor.source.mysql.charset;

import io.fustor.source.mysql.charset.Encoding.CharacterReader;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// MySQL's character sets and the meaning of their bytes. They use Java's charsets, with MySQL's
/// characters wherever the two differ, and no character where MySQL has none. Source: the
/// conversions of a server, which a test compares one by one.
@SuppressWarnings("ImmutableEnumChecker") // the tables are made on first use and then kept
public enum CharacterSet {
    ARMSCII8(
            () ->
                    SingleByteReader.of("ISO-8859-1")
                            .with(0xA1, "❁§։)(»«—.՝,-՟…՜՛՞ԱաԲբԳգԴդԵեԶզԷէԸըԹթԺժԻիԼլԽխԾծԿկՀհՁձՂղ")
                            .with(0xD6, "ՃճՄմՅյՆնՇշՈոՉչՊպՋջՌռՍսՎվՏտՐրՑցՒւՓփՔքՕօՖֆ’'")),
    ASCII(() -> SingleByteReader.of("US-ASCII")),
    BIG5(
            () ->
                    DoubleByteReader.of("Big5")
                            .with(0xF9D6, "碁銹裏墻恒粧嫺")
                            .with(0xA15A, "�")
                            .with(0xA1FE, "�")
                            .with(0xA240, "�")
                            .with(0xA2CC, "�")
                            .with(0xA2CE, "�")
                            .paired(0xA1, 0xF9, 0x40, 0x7E, 0xA1, 0xFE)),
    /// Not text: its bytes have no meaning.
    BINARY(
            () -> {
                throw new SourceException(
                        FailureCode.UNSUPPORTED_TYPE, "the character set binary has no characters");
            }),
    CP1250(() -> SingleByteReader.of("windows-1250")),
    CP1251(() -> SingleByteReader.of("windows-1251")),
    CP1256(
            () ->
                    SingleByteReader.of("windows-1256")
                            .with(0x8A, "�")
                            .with(0x8F, "�")
                            .with(0x98, "�")
                            .with(0x9A, "�")
                            .with(0x9F, "�")
                            .with(0xAA, "�")
                            .with(0xC0, "�")
                            .with(0xFF, "�")),
    CP1257(() -> SingleByteReader.of("windows-1257")),
    CP850(() -> SingleByteReader.of("IBM850")),
    CP852(() -> SingleByteReader.of("IBM852")),
    CP866(() -> SingleByteReader.of("IBM866").with(0xFC, "ⁿ²")),
    CP932(
            () ->
                    DoubleByteReader.of("windows-31j")
                            .paired(0x81, 0x9F, 0x40, 0x7E, 0x80, 0xFC)
                            .paired(0xE0, 0xFC, 0x40, 0x7E, 0x80, 0xFC)),
    DEC8(
            () ->
                    SingleByteReader.of("ISO-8859-1")
                            .with(0xA4, "�¥�§¤©ª«����")
                            .with(0xB4, "�µ¶·�")
                            .with(0xBE, "�")
                            .with(0xD0, "�")
                            .with(0xD7, "Œ")
                            .with(0xDD, "Ÿ�")
                            .with(0xF0, "�")
                            .with(0xF7, "œ")
                            .with(0xFD, "ÿ��")),
    EUCJPMS(
            () ->
                    DoubleByteReader.eucJp("x-eucJP-Open")
                            .with(0xA1BD, "―")
                            .with(0xA1C1, "～∥")
                            .with(0xA1DD, "－")
                            .with(0xA1F1, "￠￡")
                            .with(0xA2CC, "￢")
                            .withTriples(0xA2C3, "￤")),
    EUCKR(
            () ->
                    DoubleByteReader.of("x-windows-949")
                            .withoutPrivateUse()
                            .paired(0x81, 0xFE, 0x41, 0x5A, 0x61, 0x7A, 0x81, 0xFE)),
    GB18030(Gb18030Reader::new),
    GB2312(() -> DoubleByteReader.of("GB2312")),
    GBK(
            () ->
                    DoubleByteReader.of("GBK")
                            .with(0xA2E3, "�")
                            .with(0xA892, "⊕")
                            .withoutPrivateUse()
                            .paired(0x81, 0xFE, 0x40, 0x7E, 0x80, 0xFE)),
    GEOSTD8(
            () ->
                    SingleByteReader.of("ISO-8859-1")
                            .with(0x80, "€�‚�„…†‡�‰�‹�����‘’“”•–—���›����")
                            .with(0xC0, "აბგდევზჱთიკლმნჲოპჟრსტჳუფქღყშჩცძწჭხჴჯჰჵ��")
                            .with(0xE8, "���������������������№��")),
    GREEK(
            () ->
                    SingleByteReader.of("ISO-8859-7")
                            .with(0xA1, "ʽʼ")
                            .with(0xA4, "��")
                            .with(0xAA, "�")),
    HEBREW(() -> SingleByteReader.of("ISO-8859-8").with(0xAF, "‾")),
    HP8(
            () ->
                    SingleByteReader.of("ISO-8859-1")
                            .with(0xA1, "ÀÂÈÊËÎÏ´ˋˆ¨˜ÙÛ₤¯Ýý°ÇçÑñ¡¿¤£¥§ƒ¢âêôûáéóúàèòùäëöü")
                            .with(0xD0, "ÅîØÆåíøæÄìÖÜÉïßÔÁÃãÐðÍÌÓÒÕõŠšÚŸÿÞþ·µ¶¾—¼½ªº«■»±�")),
    KEYBCS2(
            () ->
                    SingleByteReader.of("US-ASCII")
                            .with(0x80, "ČüéďäĎŤčěĚĹÍľĺÄÁÉžŽôöÓůÚýÖÜŠĽÝŘťáíóúňŇŮÔšřŕŔ¼¡«»")
                            .with(0xB0, "░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀")
                            .with(0xE0, "αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00A0")),
    KOI8R(() -> SingleByteReader.of("KOI8-R")),
    KOI8U(() -> SingleByteReader.of("KOI8-U").with(0x95, "•")),
    /// windows-1252, whose five bytes without a character are the control characters of ISO 8859-1.
    LATIN1(
            () ->
                    SingleByteReader.of("windows-1252")
                            .with(0x81, "\u0081")
                            .with(0x8D, "\u008D")
                            .with(0x8F, "\u008F\u0090")
                            .with(0x9D, "\u009D")),
    LATIN2(() -> SingleByteReader.of("ISO-8859-2")),
    LATIN5(() -> SingleByteReader.of("ISO-8859-9")),
    LATIN7(() -> SingleByteReader.of("ISO-8859-13")),
    MACCE(() -> SingleByteReader.of("x-MacCentralEurope")),
    MACROMAN(() -> SingleByteReader.of("x-MacRoman")),
    SJIS(
            () ->
                    DoubleByteReader.of("Shift_JIS")
                            .with(0x815C, "―")
                            .with(0x815F, "\\")
                            .paired(0x81, 0x9F, 0x40, 0x7E, 0x80, 0xFC)
                            .paired(0xE0, 0xFC, 0x40, 0x7E, 0x80, 0xFC)),
    SWE7(
            () ->
                    SingleByteReader.of("US-ASCII")
                            .with(0x40, "É")
                            .with(0x5B, "ÄÖÅÜ")
                            .with(0x60, "é")
                            .with(0x7B, "äöåü�")),
    TIS620(
            () ->
                    SingleByteReader.of("TIS-620")
                            .with(0x80, "\u0080\u0081\u0082\u0083\u0084\u0085\u0086\u0087")
                            .with(0x88, "\u0088\u0089\u008A\u008B\u008C\u008D\u008E\u008F")
                            .with(0x90, "\u0090\u0091\u0092\u0093\u0094\u0095\u0096\u0097")
                            .with(0x98, "\u0098\u0099\u009A\u009B\u009C\u009D\u009E\u009F�")),
    UCS2(() -> WideReader.UCS2),
    UJIS(
            () ->
                    DoubleByteReader.eucJp("EUC-JP")
                            .with(0xA1BD, "―")
                            .with(0xA1C0, "\\")
                            .withTriples(0xA2B7, "~")),
    UTF16(() -> WideReader.UTF16),
    UTF16LE(() -> WideReader.UTF16LE),
    UTF32(() -> WideReader.UTF32),
    UTF8MB3(Encoding.Utf8::new),
    UTF8MB4(Encoding.Utf8::new);

    private final Supplier<Encoding> maker;
    private volatile @Nullable Encoding encoding;

    CharacterSet(Supplier<Encoding> maker) {
        this.maker = maker;
    }

    /// The set's name as MySQL writes it.
    public String mysqlName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// How the set's bytes become characters. The first call builds its tables, up to 130 kB.
    ///
    /// @throws SourceException `UNSUPPORTED_TYPE` for `binary`, and if this JVM lacks the charset
    ///   from which the tables are built
    public Encoding encoding() {
        Encoding made = encoding;
        if (made == null) {
            try {
                made = maker.get();
            } catch (UnsupportedCharsetException e) {
                throw new SourceException(
                        FailureCode.UNSUPPORTED_TYPE,
                        "this JVM lacks the module jdk.charsets, which %s needs"
                                .formatted(mysqlName()),
                        e);
            }
            encoding = made;
        }
        return made;
    }

    /// Whether every character is one byte.
    public boolean isSingleByte() {
        return encoding() instanceof SingleByteReader;
    }

    /// Text as a string; invalid bytes become U+FFFD. For names and labels, not for cells.
    ///
    /// @throws SourceException as [#encoding()]
    public String decode(byte[] text, int from, int length) {
        Objects.checkFromIndexSize(from, length, text.length);
        return switch (encoding()) {
            case Encoding.Utf8 _ -> new String(text, from, length, StandardCharsets.UTF_8);
            case CharacterReader reader -> decode(reader, text, from, from + length);
        };
    }

    private static String decode(CharacterReader reader, byte[] text, int from, int end) {
        StringBuilder decoded = new StringBuilder();
        for (int at = from; at < end; ) {
            long next = reader.next(text, at, end);
            decoded.appendCodePoint(CharacterReader.character(next));
            at += CharacterReader.length(next);
        }
        return decoded.toString();
    }
}
