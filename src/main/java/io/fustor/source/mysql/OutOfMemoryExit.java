package io.fustor.source.mysql;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/// Makes the JVM exit when the heap is exhausted, in any thread, even if code catches the error. It
/// sets `-XX:+ExitOnOutOfMemoryError`, which the JVM reads at that moment, if the service was
/// started without it. A service that continues after such an error may have lost an essential
/// thread and still appear healthy.
///
/// Called once, by the first thread. No Java API can set the flag. It is found in the tables that
/// the JVM exports for debuggers. Source: HotSpot's `vmStructs.hpp` and `jvmFlag.hpp`.
@SuppressWarnings("restricted") // reads and writes the memory of the JVM
final class OutOfMemoryExit {

    private static final String FLAG = "ExitOnOutOfMemoryError";
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED;

    /// Longer than any name in the tables.
    private static final long LONGEST_NAME = 256;

    private static final long MOST_ENTRIES = 20_000;

    private final SymbolLookup jvm;

    private OutOfMemoryExit(SymbolLookup jvm) {
        this.jvm = jvm;
    }

    /// Sets the flag if it is not set.
    ///
    /// @return whether it is set now; JVMs other than HotSpot do not have it
    static boolean arm() {
        Path home = Path.of(System.getProperty("java.home"));
        String name = System.mapLibraryName("jvm");
        Path library = home.resolve(name.endsWith(".dll") ? "bin" : "lib").resolve("server", name);
        try {
            SymbolLookup symbols = SymbolLookup.libraryLookup(library, Arena.global());
            return new OutOfMemoryExit(symbols).set();
        } catch (IllegalArgumentException | IllegalCallerException e) {
            return false;
        }
    }

    private boolean set() {
        long flags = readWord(staticField("JVMFlag", "flags"));
        long count = readWord(staticField("JVMFlag", "numFlags"));
        long nameAt = fieldOffset("JVMFlag", "_name");
        long valueAt = fieldOffset("JVMFlag", "_addr");
        long size = typeSize("JVMFlag");
        for (long i = 0; i < Math.min(count, MOST_ENTRIES); i++) {
            long flag = flags + i * size;
            if (FLAG.equals(text(readWord(flag + nameAt)))) {
                MemorySegment value = at(readWord(flag + valueAt), 1);
                value.set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
                return value.get(ValueLayout.JAVA_BYTE, 0) == 1;
            }
        }
        return false;
    }

    private long staticField(String type, String field) {
        return readWord(entry(type, field) + exported("gHotSpotVMStructEntryAddressOffset"));
    }

    private long fieldOffset(String type, String field) {
        return readWord(entry(type, field) + exported("gHotSpotVMStructEntryOffsetOffset"));
    }

    private long entry(String type, String field) {
        long typeName = exported("gHotSpotVMStructEntryTypeNameOffset");
        long fieldName = exported("gHotSpotVMStructEntryFieldNameOffset");
        long stride = exported("gHotSpotVMStructEntryArrayStride");
        long entry = exported("gHotSpotVMStructs");
        for (int i = 0; i < MOST_ENTRIES; i++, entry += stride) {
            String name = text(readWord(entry + typeName));
            if (name.isEmpty()) {
                break;
            }
            if (name.equals(type) && text(readWord(entry + fieldName)).equals(field)) {
                return entry;
            }
        }
        throw new IllegalArgumentException("no field " + type + "." + field);
    }

    private long typeSize(String type) {
        long typeName = exported("gHotSpotVMTypeEntryTypeNameOffset");
        long sizeAt = exported("gHotSpotVMTypeEntrySizeOffset");
        long stride = exported("gHotSpotVMTypeEntryArrayStride");
        long entry = exported("gHotSpotVMTypes");
        for (int i = 0; i < MOST_ENTRIES; i++, entry += stride) {
            String name = text(readWord(entry + typeName));
            if (name.isEmpty()) {
                break;
            }
            if (name.equals(type)) {
                return readWord(entry + sizeAt);
            }
        }
        throw new IllegalArgumentException("no type " + type);
    }

    /// The number or address that the JVM exports under a name.
    private long exported(String symbol) {
        MemorySegment found =
                jvm.find(symbol)
                        .orElseThrow(() -> new IllegalArgumentException("no symbol " + symbol));
        return found.reinterpret(Long.BYTES).get(WORD, 0);
    }

    private static long readWord(long address) {
        return at(address, Long.BYTES).get(WORD, 0);
    }

    /// Empty if there is none, as at the end of a table.
    private static String text(long address) {
        return address == 0 ? "" : at(address, LONGEST_NAME).getString(0);
    }

    private static MemorySegment at(long address, long size) {
        if (address == 0) {
            throw new IllegalArgumentException("an empty address");
        }
        return MemorySegment.ofAddress(address).reinterpret(size);
    }
}
