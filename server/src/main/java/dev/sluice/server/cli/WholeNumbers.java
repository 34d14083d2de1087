package dev.sluice.server.cli;

import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Numbers on the command line: who gives none is told what is accepted, and not which type Java has for it. */
final class WholeNumbers {
    private WholeNumbers() {}

    static void register(CommandLine line) {
        ITypeConverter<Long> longs = text -> converted(text, Long.MIN_VALUE, Long.MAX_VALUE, Long::valueOf);
        ITypeConverter<Integer> ints = text -> converted(text, Integer.MIN_VALUE, Integer.MAX_VALUE, Integer::valueOf);
        line.registerConverter(Long.class, longs);
        line.registerConverter(long.class, longs);
        line.registerConverter(Integer.class, ints);
        line.registerConverter(int.class, ints);
    }

    private static <T> T converted(String text, long least, long most, Function<String, T> conversion) {
        try {
            return conversion.apply(text);
        } catch (NumberFormatException e) {
            throw new TypeConversionException(
                    "'" + text + "' is no whole number from " + least + " to " + most);
        }
    }
}
