package dev.sluice.server.settings;

import dev.sluice.telegram.BotId;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The forms that settings come in. */
final class Forms {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,10}(?:\\.\\d{1,9})?)\\s*(ms|s|m|h|d)?");
    private static final Pattern BYTES = Pattern.compile("(\\d{1,12})\\s*(B|KB|MB|GB)?", Pattern.CASE_INSENSITIVE);
    private static final Set<String> TRUE = Set.of("true", "yes", "on", "1");
    private static final Set<String> FALSE = Set.of("false", "no", "off", "0");
    private static final Pattern HOST =
            Pattern.compile("[A-Za-z0-9._-]{1,253}|\\[?[0-9A-Fa-f:.]{2,45}(%[A-Za-z0-9]+)?]?");

    private Forms() {}

    static Form<Integer> integer(int min, int max) {
        return new Form<>("a whole number from " + min + " to " + max, text -> {
            int value = Integer.parseInt(text);
            require(value >= min && value <= max);
            return value;
        });
    }

    static Form<BigDecimal> decimal(String min, String max) {
        var least = new BigDecimal(min);
        var most = new BigDecimal(max);
        return new Form<>("a number from " + min + " to " + max + ", such as 0.5", text -> {
            require(text.matches("\\d{1,12}(\\.\\d{1,12})?"));
            var value = new BigDecimal(text);
            require(value.compareTo(least) >= 0 && value.compareTo(most) <= 0);
            return value;
        });
    }

    static Form<Duration> duration(Duration min, Duration max) {
        return new Form<>(
                "a duration from " + show(min) + " to " + show(max) + ": seconds (1.5) or 500ms, 2s, 5m, 1h, 1d",
                text -> {
                    var match = DURATION.matcher(text);
                    require(match.matches());
                    var unit = match.group(2) == null ? "s" : match.group(2);
                    var nanos = new BigDecimal(match.group(1)).multiply(BigDecimal.valueOf(nanosPer(unit)));
                    require(nanos.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) <= 0);
                    var value = Duration.ofNanos(nanos.longValue());
                    require(value.compareTo(min) >= 0 && value.compareTo(max) <= 0);
                    return value;
                });
    }

    /** A size in bytes. */
    static Form<Long> bytes(long min, long max) {
        return new Form<>(
                "a size from " + showBytes(min) + " to " + showBytes(max) + ": bytes, or 64KB, 55MB, 2GB", text -> {
                    var match = BYTES.matcher(text);
                    require(match.matches());
                    var unit = match.group(2) == null ? "B" : match.group(2).toUpperCase(Locale.ROOT);
                    long value = Math.multiplyExact(Long.parseLong(match.group(1)), bytesPer(unit));
                    require(value >= min && value <= max);
                    return value;
                });
    }

    static Form<Boolean> bool() {
        return new Form<>("true or false", text -> {
            var word = text.toLowerCase(Locale.ROOT);
            require(TRUE.contains(word) || FALSE.contains(word));
            return TRUE.contains(word);
        });
    }

    /** One of an enum's names, in any case. */
    static <E extends Enum<E>> Form<E> choice(Class<E> type) {
        var words = Arrays.stream(type.getEnumConstants())
                .map(value -> value.name().toLowerCase(Locale.ROOT))
                .toList();
        return new Form<>("one of " + String.join(", ", words), text -> {
            require(words.contains(text.toLowerCase(Locale.ROOT)));
            return Enum.valueOf(type, text.toUpperCase(Locale.ROOT));
        });
    }

    static Form<String> host() {
        return new Form<>("a host name or an IP address", text -> {
            require(HOST.matcher(text).matches());
            return text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
        });
    }

    /** An absolute URL with a host, without query, fragment or a slash at its end. */
    static Form<URI> url(String... schemes) {
        var allowed = List.of(schemes);
        var starts = allowed.stream().map(scheme -> scheme + "://").collect(Collectors.joining(" or "));
        return new Form<>("a URL that starts with " + starts, text -> {
            var url = URI.create(text);
            require(url.getScheme() != null && allowed.contains(url.getScheme().toLowerCase(Locale.ROOT)));
            if (url.getHost() == null) {
                throw new Form.Complaint("it names no host");
            }
            if (url.getPort() == 0 || url.getPort() > 65_535) {
                throw new Form.Complaint("its port is not between 1 and 65535");
            }
            if (url.getRawQuery() != null || url.getRawFragment() != null) {
                throw new Form.Complaint("it must end before any ? or #");
            }
            return text.endsWith("/") ? URI.create(text.replaceAll("/+$", "")) : url;
        });
    }

    /** A secret: at least {@code min} visible ASCII characters, since it travels in a header. */
    static Form<String> secret(int min) {
        return new Form<>("at least " + min + " visible ASCII characters without spaces", text -> {
            require(text.matches("[\\x21-\\x7e]{" + min + ",4096}"));
            return text;
        });
    }

    /** Secrets in their order, separated by commas, which none may hold. */
    static Form<List<String>> secrets(int min) {
        Form<String> one = secret(min);
        return new Form<>(
                "secrets of " + one.accepts() + ", separated by commas",
                text -> Arrays.stream(text.split(",", -1))
                        .map(String::strip)
                        .map(one::parse)
                        .toList());
    }

    static Form<Path> path() {
        return new Form<>("a path", Path::of);
    }

    /** Any text of one line. */
    static Form<String> text(String accepts) {
        return new Form<>(accepts, text -> {
            require(text.chars().noneMatch(Character::isISOControl));
            return text;
        });
    }

    static Form<Set<BotId>> botIds() {
        return list("bot ids (the number before a token's colon)", text -> new BotId(positive(text)));
    }

    static Form<Set<Long>> userIds() {
        return list("user ids", Forms::positive);
    }

    /** Values separated by commas or spaces; each only counts once. */
    static <T> Form<Set<T>> list(String what, Function<String, T> element) {
        return new Form<>(what + ", separated by commas", text -> {
            var values = new LinkedHashSet<T>();
            for (String part : text.split("[,\\s]+", -1)) {
                if (!part.isEmpty()) {
                    values.add(element.apply(part));
                }
            }
            return Set.copyOf(values);
        });
    }

    static String show(Duration duration) {
        if (duration.isZero()) {
            return "0";
        }
        if (duration.toMillis() % 1000 != 0) {
            return duration.toMillis() + "ms";
        }
        long seconds = duration.toSeconds();
        return seconds % 86_400 == 0
                ? seconds / 86_400 + "d"
                : seconds % 3600 == 0 ? seconds / 3600 + "h" : seconds + "s";
    }

    private static String showBytes(long bytes) {
        return bytes >= 1L << 30 && bytes % (1L << 30) == 0
                ? (bytes >> 30) + "GB"
                : bytes >= 1L << 20 ? (bytes >> 20) + "MB" : bytes >= 1L << 10 ? (bytes >> 10) + "KB" : bytes + "B";
    }

    private static long nanosPer(String unit) {
        return switch (unit) {
            case "ms" -> 1_000_000L;
            case "s" -> 1_000_000_000L;
            case "m" -> 60_000_000_000L;
            case "h" -> 3_600_000_000_000L;
            case "d" -> 86_400_000_000_000L;
            default -> throw new IllegalArgumentException(unit);
        };
    }

    private static long bytesPer(String unit) {
        return switch (unit) {
            case "B" -> 1L;
            case "KB" -> 1L << 10;
            case "MB" -> 1L << 20;
            case "GB" -> 1L << 30;
            default -> throw new IllegalArgumentException(unit);
        };
    }

    private static long positive(String text) {
        long value = Long.parseLong(text);
        require(value > 0);
        return value;
    }

    private static void require(boolean accepted) {
        if (!accepted) {
            throw new IllegalArgumentException();
        }
    }
}
