package dev.sluice.redis;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Which Redis to use and how long to wait for it.
 *
 * @param topology where it is
 * @param credentials for AUTH, on the data nodes
 * @param tls empty for plain TCP
 * @param database the database's number, 0 or more; always 0 in a Cluster
 * @param connectTimeout for TCP, TLS and the handshake together
 * @param commandTimeout for decisions; the round trip measured at start is added to it
 * @param settleTimeout for settling what is already done
 * @param startWait how long {@link RedisStore#connect} waits for Redis before it goes on without; zero: not at all
 */
public record RedisSettings(
        Topology topology,
        Optional<Credentials> credentials,
        Optional<Tls> tls,
        int database,
        Duration connectTimeout,
        Duration commandTimeout,
        Duration settleTimeout,
        Duration startWait) {

    public static final int DEFAULT_PORT = 6379;
    public static final int DEFAULT_SENTINEL_PORT = 26379;

    /** Long enough for TCP and TLS across a continent, short enough to try the next node soon. */
    public static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(2);

    /** A decision takes well under 1 ms on Redis; who waits longer than this is better served by the local share. */
    public static final Duration DEFAULT_COMMAND_TIMEOUT = Duration.ofMillis(50);

    /** A settlement that is lost costs an unknown outcome, so it may ride out a hiccup. */
    public static final Duration DEFAULT_SETTLE_TIMEOUT = Duration.ofSeconds(2);

    /** Long enough for one whole attempt to connect. */
    public static final Duration DEFAULT_START_WAIT = Duration.ofSeconds(3);

    public RedisSettings {
        positive("connect timeout", connectTimeout);
        positive("command timeout", commandTimeout);
        positive("settle timeout", settleTimeout);
        if (startWait.isNegative()) {
            throw new IllegalArgumentException("start wait " + startWait + " must not be negative");
        }
        if (database < 0) {
            throw new IllegalArgumentException("database " + database + " must be 0 or more");
        }
        if (database != 0 && topology instanceof Cluster) {
            throw new IllegalArgumentException("database " + database + ": a Redis Cluster has database 0 only");
        }
    }

    /**
     * Reads a URL, with default timeouts:
     *
     * <pre>
     * redis://[user:password@]host[:port][/database]
     * redis://[user:password@]host[:port],host[:port],...            a Cluster, by two or more of its nodes
     * redis-sentinel://[user:password@]host[:port],.../[database]#master
     * </pre>
     *
     * {@code rediss} and {@code rediss-sentinel} use TLS. User, password and the parameters' values are percent-encoded; the
     * user may be empty. Parameters: {@code verify=full|ca|none}, {@code ca=file.pem} or {@code truststore=file.p12} with
     * {@code truststore-password}, and {@code sentinel-password}.
     *
     * @throws IllegalArgumentException if the URL is not of this form; the message never holds a password
     */
    public static RedisSettings parse(String url) {
        return new RedisUrl(url).settings();
    }

    /** Also for settling, if that is not given longer: what must be written down is not given up earlier than a decision. */
    public RedisSettings withCommandTimeout(Duration timeout) {
        Duration settling = timeout.compareTo(settleTimeout) > 0 ? timeout : settleTimeout;
        return new RedisSettings(topology, credentials, tls, database, connectTimeout, timeout, settling, startWait);
    }

    public RedisSettings withConnectTimeout(Duration timeout) {
        return new RedisSettings(
                topology, credentials, tls, database, timeout, commandTimeout, settleTimeout, startWait);
    }

    public RedisSettings withSettleTimeout(Duration timeout) {
        return new RedisSettings(
                topology, credentials, tls, database, connectTimeout, commandTimeout, timeout, startWait);
    }

    public RedisSettings withStartWait(Duration wait) {
        return new RedisSettings(
                topology, credentials, tls, database, connectTimeout, commandTimeout, settleTimeout, wait);
    }

    /** The URL again, without user, password and parameters: for start lines and errors. */
    public String address() {
        String secure = tls.isPresent() ? "s" : "";
        String suffix = database == 0 ? "" : "/" + database;
        return switch (topology) {
            case Standalone(Node node) -> "redis" + secure + "://" + node + suffix;
            case Sentinel(List<Node> sentinels, String master, Optional<String> password) ->
                "redis" + secure + "-sentinel://" + join(sentinels) + suffix + "#" + master;
            case Cluster(List<Node> nodes) -> "redis" + secure + "://" + join(nodes);
        };
    }

    private static String join(List<Node> nodes) {
        return nodes.stream().map(Node::toString).collect(Collectors.joining(","));
    }

    private static void positive(String name, Duration value) {
        if (value.isZero() || value.isNegative()) {
            throw new IllegalArgumentException(name + " " + value + " must be more than zero");
        }
    }

    /** Where Redis is. */
    public sealed interface Topology {}

    /** One server. */
    public record Standalone(Node node) implements Topology {}

    /**
     * The master that the sentinels name, also after a failover.
     *
     * @param master the name under which the sentinels know the master
     * @param sentinelPassword for AUTH on the sentinels themselves
     */
    public record Sentinel(List<Node> sentinels, String master, Optional<String> sentinelPassword) implements Topology {
        public Sentinel {
            sentinels = List.copyOf(sentinels);
            if (sentinels.isEmpty() || master.isBlank()) {
                throw new IllegalArgumentException("Sentinel needs at least one sentinel and the master's name");
            }
        }

        @Override
        public String toString() {
            return "Sentinel[" + join(sentinels) + "#" + master + "]";
        }
    }

    /**
     * A Redis Cluster.
     *
     * @param nodes some of its nodes; the others are found through them
     */
    public record Cluster(List<Node> nodes) implements Topology {
        public Cluster {
            nodes = List.copyOf(nodes);
            if (nodes.isEmpty()) {
                throw new IllegalArgumentException("a Cluster needs at least one node");
            }
        }
    }

    /** A host and its port, 1-65535. */
    public record Node(String host, int port) {
        public Node {
            if (host.isEmpty() || host.chars().anyMatch(Character::isWhitespace)) {
                throw new IllegalArgumentException("host '" + host + "' must not be empty or hold spaces");
            }
            if (port < 1 || port > 65_535) {
                throw new IllegalArgumentException("port " + port + " of " + host + " must be 1-65535");
            }
        }

        @Override
        public String toString() {
            return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
        }
    }

    /**
     * A user and password.
     *
     * @param user empty for the default user
     */
    public record Credentials(String user, String password) {
        @Override
        public String toString() {
            return "Credentials[***]";
        }
    }

    /**
     * How to trust the server.
     *
     * @param trust whom to trust besides nobody; empty: the certificate authorities of this Java platform
     */
    public record Tls(Verify verify, Optional<Trust> trust) {}

    /** What of the server's certificate is checked. */
    public enum Verify {
        /** Its signature and that it was made out for the host. */
        FULL,
        /** Its signature only. */
        CA,
        /** Nothing: encrypted, but anyone can pose as the server. */
        NONE
    }

    /** Whom to trust. */
    public sealed interface Trust {
        /** Certificate authorities as PEM. */
        record PemFile(Path file) implements Trust {}

        /** A Java trust store (PKCS #12 or JKS); the password may be empty. */
        record Truststore(Path file, String password) implements Trust {
            @Override
            public String toString() {
                return "Truststore[" + file + "]";
            }
        }
    }
}
