package dev.sluice.redis;

import dev.sluice.redis.RedisSettings.Cluster;
import io.lettuce.core.RedisCommandExecutionException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Why a connection could not be made, in words for the operator, never with a password.
 *
 * @param lasting whether it takes a change of configuration, so that waiting does not help
 */
record StartProblem(String message, boolean lasting) {

    /** How Redis words what only a change of configuration cures. */
    private static final List<String> LASTING = List.of(
            "WRONGPASS",
            "NOAUTH",
            "NOPERM",
            "ERR Client sent AUTH",
            "ERR AUTH",
            "ERR DB index",
            "ERR invalid DB index",
            "ERR This instance has cluster support disabled");

    static StartProblem of(@Nullable Throwable failure, RedisSettings settings) {
        String where = "Redis at " + settings.address();
        String last = "no reason given";
        for (Throwable cause : withCauses(failure)) {
            String words = ServerError.redacted(cause.getMessage());
            if (cause instanceof RedisConfigurationException) {
                return new StartProblem(words, true);
            }
            if (cause instanceof SSLException) {
                return new StartProblem("TLS with " + where + " failed: " + words, true);
            }
            if (cause instanceof RedisCommandExecutionException) {
                boolean lasting = LASTING.stream().anyMatch(words::startsWith);
                return new StartProblem(where + " refused the connection: " + words, lasting);
            }
            last = words;
        }
        return new StartProblem(where + " cannot be reached: " + last, false);
    }

    /**
     * @param info the server's INFO
     * @throws RedisConfigurationException if Sluice cannot work with this server as it is addressed
     */
    static void check(String info, RedisSettings settings) {
        RedisInfo server = RedisInfo.parse(info, "", "", "");
        if (!server.isRecentEnough()) {
            throw new RedisConfigurationException("Redis at " + settings.address() + " is version " + server.version()
                    + "; Sluice needs " + RedisInfo.MINIMUM_VERSION + " or newer");
        }
        boolean clusterNode = info.contains("cluster_enabled:1");
        if (clusterNode && !(settings.topology() instanceof Cluster)) {
            throw new RedisConfigurationException("Redis at " + settings.address()
                    + " is a node of a Cluster: give two or more of its nodes, separated by commas");
        }
    }

    /** The failure, all its causes and all that failed beside it, outermost first. */
    private static List<Throwable> withCauses(@Nullable Throwable failure) {
        Set<Throwable> found = Collections.newSetFromMap(new IdentityHashMap<>());
        var ordered = new ArrayList<Throwable>();
        Deque<Throwable> open = new ArrayDeque<>();
        if (failure != null) {
            open.add(failure);
        }
        while (!open.isEmpty()) {
            Throwable next = open.removeFirst();
            if (found.add(next)) {
                ordered.add(next);
                if (next.getCause() != null) {
                    open.add(next.getCause());
                }
                Collections.addAll(open, next.getSuppressed());
            }
        }
        return ordered;
    }
}
