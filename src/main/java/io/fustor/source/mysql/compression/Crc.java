package io.fustor.source.mysql.compression;

/// Arithmetic on checksums (CRC-32, as in gzip): the checksum of two pieces one after the other
/// follows from those of the pieces, without their bytes.
///
/// A checksum is the remainder of a polynomial over GF(2), with the coefficient of x^0 in the
/// highest bit. Appending n bytes multiplies the remainder by x^8n.
final class Crc {

    /// The generator without x^32.
    private static final int GENERATOR = 0xEDB8_8320;

    private static final int ONE = 1 << 31;

    /// x^8: one byte.
    private static final int BYTE = 1 << 23;

    /// The factors of small numbers of bytes, such as those of a heartbeat.
    private static final int[] SMALL = new int[256];

    static {
        SMALL[0] = ONE;
        for (int i = 1; i < SMALL.length; i++) {
            SMALL[i] = multiply(SMALL[i - 1], BYTE);
        }
    }

    private Crc() {}

    /// The factor by which a checksum is multiplied when so many bytes follow.
    static int shift(long bytes) {
        int factor = SMALL[(int) bytes & 0xff];
        int power = multiply(SMALL[0x80], SMALL[0x80]);
        for (long rest = bytes >>> 8; rest != 0; rest >>>= 1) {
            if ((rest & 1) != 0) {
                factor = multiply(factor, power);
            }
            power = multiply(power, power);
        }
        return factor;
    }

    /// The checksum of two pieces.
    ///
    /// @param shift of the length of the second one
    static int combine(int first, int second, int shift) {
        return multiply(first, shift) ^ second;
    }

    private static int multiply(int a, int b) {
        int product = 0;
        int multiple = b;
        for (int rest = a; rest != 0; rest <<= 1) {
            // The mask is all ones where the bit is set.
            product ^= multiple & (rest >> 31);
            multiple = (multiple >>> 1) ^ (GENERATOR & -(multiple & 1));
        }
        return product;
    }
}
