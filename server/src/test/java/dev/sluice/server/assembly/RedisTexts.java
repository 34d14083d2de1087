package dev.sluice.server.assembly;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.encryption.KeyRing;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * All that stands in a Redis: every key, every value of every type, and what is encrypted in it, opened. What cannot be opened is
 * reported, so that nothing escapes a search.
 */
final class RedisTexts {
    /** How a key's value has a word. */
    enum Finding {
        PLAIN,
        SEALED
    }

    private final KeyRing ring;
    private final byte[] sealedBegins;
    private final List<String> contexts;

    /** @param contexts under which something may have been sealed, those apart that a key's name says */
    RedisTexts(String secretKey, List<String> contexts) {
        this.ring = KeyRing.of(List.of(secretKey));
        this.sealedBegins = Arrays.copyOf(ring.seal("", new byte[0]), 5);
        this.contexts = contexts;
    }

    /** @param unopened keys that hold something encrypted that nothing here opens */
    record Search(TreeMap<String, Set<Finding>> found, List<String> unopened, List<String> keys) {}

    /** Looks for a word of ASCII letters and digits, also in base64 and hex. */
    Search search(String uri, String word) {
        var search = new Search(new TreeMap<>(), new ArrayList<>(), new ArrayList<>());
        try (RedisClient client = RedisClient.create(uri)) {
            RedisCommands<String, byte[]> redis = client.connect(
                            RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE))
                    .sync();
            for (String key : redis.keys("*")) {
                search.keys().add(key);
                if (has(key.getBytes(ISO_8859_1), word)) {
                    search.found().put(key, Set.of(Finding.PLAIN));
                }
                values(redis, key).forEach(value -> look(key, value, word, search));
            }
        }
        return search;
    }

    private void look(String key, byte[] value, String word, Search search) {
        if (has(value, word)) {
            add(search, key, Finding.PLAIN);
        }
        for (int at = 0; at + sealedBegins.length <= value.length; at++) {
            if (Arrays.equals(value, at, at + sealedBegins.length, sealedBegins, 0, sealedBegins.length)) {
                byte[] sealed = Arrays.copyOfRange(value, at, value.length);
                open(key, sealed)
                        .ifPresentOrElse(
                                opened -> {
                                    if (has(opened, word)) {
                                        add(search, key, Finding.SEALED);
                                    }
                                },
                                () -> search.unopened().add(key));
            }
        }
    }

    private static void add(Search search, String key, Finding finding) {
        search.found().merge(key, Set.of(finding), (one, other) -> one.equals(other) ? one : Set.of(Finding.values()));
    }

    private Optional<byte[]> open(String key, byte[] sealed) {
        int tag = key.indexOf('{');
        int end = key.indexOf("}:");
        String claim = "idempotency/" + key.substring(tag + 1, end) + "/" + key.substring(end + 2);
        return Stream.concat(Stream.of(claim), contexts.stream())
                .flatMap(context -> ring.open(context, sealed).stream())
                .findFirst();
    }

    private static List<byte[]> values(RedisCommands<String, byte[]> redis, String key) {
        return switch (redis.type(key)) {
            case "string" -> Stream.ofNullable(redis.get(key)).toList();
            case "list" -> redis.lrange(key, 0, -1);
            case "set" -> List.copyOf(redis.smembers(key));
            case "zset" -> redis.zrange(key, 0, -1);
            case "hash" ->
                redis.hgetall(key).entrySet().stream()
                        .flatMap(field -> Stream.of(field.getKey().getBytes(ISO_8859_1), field.getValue()))
                        .toList();
            case "none" -> List.of(); // gone meanwhile
            default -> throw new IllegalStateException(key + " is of a type that nobody reads here");
        };
    }

    /** In any case, and in the encodings in which a text may stand in another. */
    static boolean has(byte[] bytes, String word) {
        String text = new String(bytes, ISO_8859_1);
        return forms(word).anyMatch(form -> text.contains(form))
                || text.toLowerCase(Locale.ROOT).contains(word.toLowerCase(Locale.ROOT));
    }

    private static Stream<String> forms(String word) {
        byte[] plain = word.getBytes(US_ASCII);
        Stream<String> base64 = Stream.of(0, 1, 2).map(shift -> {
            byte[] shifted = new byte[shift + plain.length];
            System.arraycopy(plain, 0, shifted, shift, plain.length);
            String encoded = Base64.getEncoder().withoutPadding().encodeToString(shifted);
            // The first and the last characters depend on what is around.
            return encoded.substring(shift == 0 ? 0 : 3 + shift - 1, encoded.length() - 2);
        });
        return Stream.concat(
                base64,
                Stream.of(
                        HexFormat.of().formatHex(plain),
                        word.replaceAll("(.)", "$1\0"),
                        word.replaceAll("(.)", "\0$1")));
    }
}
