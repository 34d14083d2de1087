package dev.sluice.redis;

import dev.sluice.redis.RedisSettings.Cluster;
import dev.sluice.redis.RedisSettings.Node;
import dev.sluice.redis.RedisSettings.Sentinel;
import dev.sluice.redis.RedisSettings.Standalone;
import dev.sluice.redis.RedisSettings.Tls;
import dev.sluice.redis.RedisSettings.Trust;
import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.MaintNotificationsConfig;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.SslVerifyMode;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.Delay;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Sets Lettuce up for one Redis and opens the way to it. Owns the client's threads. */
final class Connector implements AutoCloseable {
    static final RedisCodec<String, byte[]> CODEC = RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE);

    /** The last resort: calls that were given up still hold their place until a reply or the end of the connection. */
    private static final int COMMANDS_PER_CONNECTION = 50_000;

    /** A Redis that restarts is back within a second; more attempts than this only make noise. */
    private static final Delay RECONNECT_DELAY =
            Delay.fullJitter(Duration.ofMillis(20), Duration.ofSeconds(1), 50, TimeUnit.MILLISECONDS);

    /** A failover shows by errors at once; the period only catches what showed no error. */
    private static final Duration TOPOLOGY_PERIOD = Duration.ofSeconds(30);

    private static final Duration TOPOLOGY_AT_MOST_EVERY = Duration.ofSeconds(1);

    private static final Duration KEEPALIVE_IDLE = Duration.ofSeconds(30);
    private static final Duration KEEPALIVE_INTERVAL = Duration.ofSeconds(5);
    private static final Duration SHUTDOWN_TIMEOUT = Duration.ofSeconds(2);

    private final RedisSettings settings;
    private final OpenChannels channels;
    private final ClientResources resources;
    private final AbstractRedisClient client;

    Connector(RedisSettings settings, RedisEvents events, Duration silenceLimit) {
        this.settings = settings;
        this.channels = new OpenChannels(silenceLimit);
        this.resources = DefaultClientResources.builder()
                .ioThreadPoolSize(2)
                .computationThreadPoolSize(2)
                .commandLatencyRecorder(CommandLatencyRecorder.disabled())
                .reconnectDelay(RECONNECT_DELAY)
                .nettyCustomizer(channels)
                .build();
        this.client = client();
        client.addListener(new RedisConnectionStateListener() {
            @Override
            public void onRedisConnected(RedisChannelHandler<?, ?> connection, SocketAddress address) {
                if (!(connection instanceof StatefulRedisPubSubConnection)) {
                    events.connected();
                }
            }

            @Override
            public void onRedisDisconnected(RedisChannelHandler<?, ?> connection) {
                if (!(connection instanceof StatefulRedisPubSubConnection)) {
                    events.disconnected();
                }
            }
        });
    }

    /** Starts one attempt; it ends within the connect timeout or little more. */
    CompletableFuture<Link> open() {
        if (client instanceof RedisClusterClient cluster) {
            return cluster.refreshPartitionsAsync()
                    .thenCompose(topology -> cluster.connectAsync(CODEC))
                    .thenApply(connection -> {
                        var link = new Link.Clustered(connection);
                        link.openAll();
                        return (Link) link;
                    })
                    .toCompletableFuture();
        }
        return ((RedisClient) client)
                .connectAsync(CODEC, uri())
                .<Link>thenApply(Link.Single::new)
                .toCompletableFuture();
    }

    /** Starts one attempt to open a connection for listening; to any node of a Cluster, which passes announcements on. */
    CompletableFuture<StatefulRedisPubSubConnection<String, String>> listen() {
        if (client instanceof RedisClusterClient cluster) {
            return cluster.refreshPartitionsAsync()
                    .thenCompose(topology -> cluster.connectPubSubAsync(StringCodec.UTF8))
                    .<StatefulRedisPubSubConnection<String, String>>thenApply(connection -> connection)
                    .toCompletableFuture();
        }
        return ((RedisClient) client)
                .connectPubSubAsync(StringCodec.UTF8, uri())
                .toCompletableFuture();
    }

    private RedisURI uri() {
        return switch (settings.topology()) {
            case Standalone(Node node) -> dataUri(node);
            case Sentinel sentinel -> sentinelUri(sentinel);
            case Cluster cluster -> throw new IllegalStateException("a Cluster has a client of its own");
        };
    }

    /** Lets go of all connections; the client opens them anew, asking Sentinel who the master is. */
    void reconnect() {
        channels.dropAll();
    }

    @Override
    public void close() {
        client.shutdown(Duration.ZERO, SHUTDOWN_TIMEOUT);
        resources.shutdown(0, SHUTDOWN_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    }

    private AbstractRedisClient client() {
        if (settings.topology() instanceof Cluster(List<Node> nodes)) {
            RedisClusterClient cluster = RedisClusterClient.create(
                    resources, nodes.stream().map(this::dataUri).toList());
            var options = ClusterClientOptions.builder()
                    .topologyRefreshOptions(ClusterTopologyRefreshOptions.builder()
                            .adaptiveRefreshTriggersTimeout(TOPOLOGY_AT_MOST_EVERY)
                            .enablePeriodicRefresh(TOPOLOGY_PERIOD)
                            .build())
                    // A MOVED may name a master that the last look at the topology did not know.
                    .validateClusterNodeMembership(false);
            apply(options);
            cluster.setOptions(options.build());
            return cluster;
        }
        RedisClient single = RedisClient.create(resources);
        var options = ClientOptions.builder();
        apply(options);
        single.setOptions(options.build());
        return single;
    }

    /** Deadlines are kept by {@link RedisStore}, which knows how long each caller may wait; Lettuce keeps none of its own. */
    private void apply(ClientOptions.Builder options) {
        options.autoReconnect(true)
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .replayFilter(command -> true)
                .requestQueueSize(COMMANDS_PER_CONNECTION)
                .timeoutOptions(TimeoutOptions.builder().timeoutCommands(false).build())
                .maintNotificationsConfig(MaintNotificationsConfig.disabled())
                .socketOptions(SocketOptions.builder()
                        .connectTimeout(settings.connectTimeout())
                        .tcpNoDelay(true)
                        .keepAlive(SocketOptions.KeepAliveOptions.builder()
                                .enable()
                                .idle(KEEPALIVE_IDLE)
                                .interval(KEEPALIVE_INTERVAL)
                                .count(3)
                                .build())
                        .build());
        settings.tls().ifPresent(tls -> options.sslOptions(sslOptions(tls)));
    }

    private SslOptions sslOptions(Tls tls) {
        var options = SslOptions.builder().jdkSslProvider().handshakeTimeout(settings.connectTimeout());
        tls.trust().ifPresent(trust -> {
            switch (trust) {
                case Trust.PemFile(Path file) -> options.trustManager(file.toFile());
                case Trust.Truststore(Path file, String password) -> options.truststore(file.toFile(), password);
            }
        });
        return options.build();
    }

    private RedisURI sentinelUri(Sentinel sentinel) {
        var uri = RedisURI.builder().withSentinelMasterId(sentinel.master());
        for (Node node : sentinel.sentinels()) {
            var one = RedisURI.builder().withHost(node.host()).withPort(node.port());
            secure(one);
            sentinel.sentinelPassword().ifPresent(password -> one.withPassword(password.toCharArray()));
            uri.withSentinel(one.build());
        }
        return complete(uri);
    }

    private RedisURI dataUri(Node node) {
        return complete(RedisURI.builder().withHost(node.host()).withPort(node.port()));
    }

    private RedisURI complete(RedisURI.Builder uri) {
        secure(uri);
        settings.credentials().ifPresent(credentials -> {
            if (credentials.user().isEmpty()) {
                uri.withPassword(credentials.password().toCharArray());
            } else {
                uri.withAuthentication(
                        credentials.user(), credentials.password().toCharArray());
            }
        });
        return uri.withDatabase(settings.database()).withClientName("sluice").build();
    }

    private void secure(RedisURI.Builder uri) {
        uri.withTimeout(settings.connectTimeout());
        settings.tls()
                .ifPresent(tls -> uri.withSsl(true)
                        .withVerifyPeer(
                                switch (tls.verify()) {
                                    case FULL -> SslVerifyMode.FULL;
                                    case CA -> SslVerifyMode.CA;
                                    case NONE -> SslVerifyMode.NONE;
                                }));
    }
}
