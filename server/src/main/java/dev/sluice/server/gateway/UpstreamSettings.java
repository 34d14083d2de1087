package dev.sluice.server.gateway;

import java.net.URI;
import java.time.Duration;

/**
 * Where Telegram is and how long to wait for it.
 *
 * @param url http or https, a path prefix allowed
 * @param timeout for the answer, once the request was written; uploads and downloads may be idle for so long
 * @param connectTimeout until a connection is there, waiting for a free one included
 * @param connections at most for each event loop, over all bots
 * @param keepAlive how long an idle connection is kept, whole seconds; shorter than any server's own, so that a request does
 *     not meet a connection that the server just closed: such a request counts as unknown
 * @param longPollMargin how much longer than its own timeout a getUpdates may take
 * @param mostAnswer bytes of an answer to a metered call or to a token's check
 */
public record UpstreamSettings(
        URI url,
        Duration timeout,
        Duration connectTimeout,
        int connections,
        Duration keepAlive,
        Duration longPollMargin,
        int mostAnswer) {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    /** Each long poll holds one for up to 50 s. */
    private static final int CONNECTIONS = 1024;

    /** nginx, in front of the public Bot API, defaults to 75 s; proxies in between often have 30 s. */
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(15);

    private static final Duration LONG_POLL_MARGIN = Duration.ofSeconds(10);
    private static final int MOST_ANSWER = 16 << 20;

    public UpstreamSettings {
        if (url.getHost() == null || !("http".equals(url.getScheme()) || "https".equals(url.getScheme()))) {
            throw new IllegalArgumentException("the Bot API's URL must be http or https with a host");
        }
        if (!timeout.isPositive() || !connectTimeout.isPositive() || longPollMargin.isNegative()) {
            throw new IllegalArgumentException("timeouts must be positive");
        }
        if (connections < 1 || mostAnswer < 1 || keepAlive.toSeconds() < 1) {
            throw new IllegalArgumentException("connections, keep-alive seconds and answer bytes must be at least 1");
        }
    }

    public static UpstreamSettings of(URI url) {
        return new UpstreamSettings(
                url, TIMEOUT, CONNECT_TIMEOUT, CONNECTIONS, KEEP_ALIVE, LONG_POLL_MARGIN, MOST_ANSWER);
    }

    public UpstreamSettings withTimeout(Duration time) {
        return new UpstreamSettings(url, time, connectTimeout, connections, keepAlive, longPollMargin, mostAnswer);
    }

    public UpstreamSettings withConnectTimeout(Duration time) {
        return new UpstreamSettings(url, timeout, time, connections, keepAlive, longPollMargin, mostAnswer);
    }

    public UpstreamSettings withConnections(int most) {
        return new UpstreamSettings(url, timeout, connectTimeout, most, keepAlive, longPollMargin, mostAnswer);
    }

    public UpstreamSettings withKeepAlive(Duration time) {
        return new UpstreamSettings(url, timeout, connectTimeout, connections, time, longPollMargin, mostAnswer);
    }

    public UpstreamSettings withLongPollMargin(Duration time) {
        return new UpstreamSettings(url, timeout, connectTimeout, connections, keepAlive, time, mostAnswer);
    }
}
