package dev.sluice.redis;

import dev.sluice.redis.RedisSettings.Cluster;
import dev.sluice.redis.RedisSettings.Credentials;
import dev.sluice.redis.RedisSettings.Node;
import dev.sluice.redis.RedisSettings.Sentinel;
import dev.sluice.redis.RedisSettings.Standalone;
import dev.sluice.redis.RedisSettings.Tls;
import dev.sluice.redis.RedisSettings.Topology;
import dev.sluice.redis.RedisSettings.Trust;
import dev.sluice.redis.RedisSettings.Verify;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes a Redis URL apart. Written by hand because several hosts in one URL are beyond {@link java.net.URI}, and because no
 * message may quote what could be a password.
 */
final class RedisUrl {
    private static final Pattern SCHEME = Pattern.compile("(rediss?)(-sentinel)?://");
    private static final Pattern NEXT_URL = Pattern.compile(",(?=rediss?://)");
    private static final Set<String> PARAMETERS =
            Set.of("verify", "ca", "truststore", "truststore-password", "sentinel-password");

    private final boolean secure;
    private final boolean sentinel;
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, String> parameters = new HashMap<>();
    private Optional<Credentials> credentials = Optional.empty();
    private int database;
    private String master = "";

    RedisUrl(String url) {
        Matcher scheme = SCHEME.matcher(url);
        if (!scheme.lookingAt()) {
            throw new IllegalArgumentException(
                    "a Redis URL starts with redis://, rediss://, redis-sentinel:// or rediss-sentinel://");
        }
        secure = "rediss".equals(scheme.group(1));
        sentinel = scheme.group(2) != null;
        if (sentinel) {
            readOne(url.substring(scheme.end()));
        } else {
            for (String part : NEXT_URL.split(url, -1)) {
                Matcher repeated = SCHEME.matcher(part);
                if (!repeated.lookingAt() || "rediss".equals(repeated.group(1)) != secure) {
                    throw new IllegalArgumentException("all nodes of a Cluster are either redis:// or rediss://");
                }
                readOne(part.substring(repeated.end()));
            }
        }
    }

    RedisSettings settings() {
        return new RedisSettings(
                topology(),
                credentials,
                tls(),
                database,
                RedisSettings.DEFAULT_CONNECT_TIMEOUT,
                RedisSettings.DEFAULT_COMMAND_TIMEOUT,
                RedisSettings.DEFAULT_SETTLE_TIMEOUT,
                RedisSettings.DEFAULT_START_WAIT);
    }

    private Topology topology() {
        Optional<String> sentinelPassword = Optional.ofNullable(parameters.get("sentinel-password"));
        if (sentinel) {
            if (master.isEmpty()) {
                throw new IllegalArgumentException("a redis-sentinel:// URL ends with #name-of-the-master");
            }
            return new Sentinel(nodes, master, sentinelPassword);
        }
        if (!master.isEmpty() || sentinelPassword.isPresent()) {
            throw new IllegalArgumentException("#master and sentinel-password belong to redis-sentinel:// URLs");
        }
        return nodes.size() == 1 ? new Standalone(nodes.getFirst()) : new Cluster(nodes);
    }

    private Optional<Tls> tls() {
        Optional<Trust> trust = Optional.ofNullable(parameters.get("ca")).map(file -> new Trust.PemFile(Path.of(file)));
        String store = parameters.get("truststore");
        if (store != null) {
            if (trust.isPresent()) {
                throw new IllegalArgumentException("ca and truststore exclude each other");
            }
            String password = parameters.getOrDefault("truststore-password", "");
            trust = Optional.of(new Trust.Truststore(Path.of(store), password));
        }
        if (!secure) {
            if (trust.isPresent() || parameters.containsKey("verify")) {
                throw new IllegalArgumentException("verify, ca and truststore belong to rediss:// URLs");
            }
            return Optional.empty();
        }
        Verify verify = switch (parameters.getOrDefault("verify", "full").toLowerCase(Locale.ROOT)) {
            case "full" -> Verify.FULL;
            case "ca" -> Verify.CA;
            case "none" -> Verify.NONE;
            default -> throw new IllegalArgumentException("verify accepts full, ca and none");
        };
        return Optional.of(new Tls(verify, trust));
    }

    private void readOne(String rest) {
        // The last @ ends the password, so that one with @, / or # in it works unencoded too.
        int at = rest.lastIndexOf('@');
        if (at >= 0) {
            readCredentials(rest.substring(0, at));
        }
        String place = cut(rest.substring(at + 1), '#', fragment -> master = decode(fragment));
        place = cut(place, '?', this::readParameters);
        place = cut(place, '/', this::readDatabase);
        for (String node : place.split(",", -1)) {
            nodes.add(node(node));
        }
    }

    private void readCredentials(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("before @ a Redis URL holds user:password or :password");
        }
        var found = new Credentials(decode(text.substring(0, colon)), decode(text.substring(colon + 1)));
        if (credentials.isPresent() && !credentials.get().equals(found)) {
            throw new IllegalArgumentException("all nodes of a Cluster share one user and password");
        }
        credentials = Optional.of(found);
    }

    private void readParameters(String query) {
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals);
            if (!PARAMETERS.contains(name)) {
                throw new IllegalArgumentException("a Redis URL has no parameter '" + name + "'; it accepts "
                        + String.join(", ", PARAMETERS.stream().sorted().toList()));
            }
            parameters.put(name, decode(pair.substring(equals + 1)));
        }
    }

    private void readDatabase(String text) {
        if (text.isEmpty()) {
            return;
        }
        if (!text.chars().allMatch(c -> c >= '0' && c <= '9') || text.length() > 5) {
            throw new IllegalArgumentException("after / a Redis URL holds the database's number");
        }
        database = Integer.parseInt(text);
    }

    private Node node(String text) {
        int colon = text.lastIndexOf(':');
        int bracket = text.lastIndexOf(']');
        boolean hasPort = colon > bracket;
        String host = hasPort ? text.substring(0, colon) : text;
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.indexOf(':') >= 0) {
            throw new IllegalArgumentException("an IPv6 address stands in brackets: [::1]:6379");
        }
        int port = sentinel ? RedisSettings.DEFAULT_SENTINEL_PORT : RedisSettings.DEFAULT_PORT;
        return new Node(host, hasPort ? port(text.substring(colon + 1)) : port);
    }

    private static int port(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("the port in a Redis URL is a number, 1-65535");
        }
    }

    /** Hands what follows the separator to {@code tail} and returns what stands before it. */
    private static String cut(String text, char separator, Consumer<String> tail) {
        int at = text.indexOf(separator);
        if (at < 0) {
            return text;
        }
        tail.accept(text.substring(at + 1));
        return text.substring(0, at);
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("a % in a Redis URL is followed by two hex digits; write %25 for %");
        }
    }
}
