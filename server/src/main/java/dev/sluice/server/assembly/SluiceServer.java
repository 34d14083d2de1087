package dev.sluice.server.assembly;

import dev.sluice.encryption.KeyRing;
import dev.sluice.queue.MessageQueue;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.server.admin.AdminAccess;
import dev.sluice.server.admin.AdminApi;
import dev.sluice.server.admin.BotsResource;
import dev.sluice.server.admin.FailedMessagesResource;
import dev.sluice.server.admin.HealthResource;
import dev.sluice.server.admin.MessagesResource;
import dev.sluice.server.admin.MetricsResource;
import dev.sluice.server.admin.QueueResource;
import dev.sluice.server.admin.Resource;
import dev.sluice.server.admin.SnapshotsResource;
import dev.sluice.server.admin.UsersResource;
import dev.sluice.server.bots.Bots;
import dev.sluice.server.bots.BotsRefresh;
import dev.sluice.server.bots.Standing;
import dev.sluice.server.callback.CallbackLoop;
import dev.sluice.server.callback.CallbackSettings;
import dev.sluice.server.gateway.CallQueue;
import dev.sluice.server.gateway.Gateway;
import dev.sluice.server.gateway.PrivateAnswers;
import dev.sluice.server.gateway.StoredCall;
import dev.sluice.server.gateway.TokenVerifier;
import dev.sluice.server.gateway.TrustedTokens;
import dev.sluice.server.gateway.UpstreamClient;
import dev.sluice.server.health.CallbackPart;
import dev.sluice.server.health.Health;
import dev.sluice.server.health.Part;
import dev.sluice.server.health.PartHealth;
import dev.sluice.server.health.PartHealth.Status;
import dev.sluice.server.health.Phase;
import dev.sluice.server.health.QueuePart;
import dev.sluice.server.logging.DeliveryLog;
import dev.sluice.server.metrics.CallbackMetrics;
import dev.sluice.server.metrics.DeliveryMetrics;
import dev.sluice.server.metrics.GatewayMetrics;
import dev.sluice.server.metrics.Metrics;
import dev.sluice.server.metrics.MetricsPage;
import dev.sluice.server.metrics.QueueMetrics;
import dev.sluice.server.settings.ServerSettings;
import dev.sluice.server.worker.QueueTotals;
import dev.sluice.server.worker.WorkerSettings;
import dev.sluice.server.worker.Workers;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.BotToken;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running server. {@link #start} puts it together in the order in which its parts need each other; {@link #close} takes it
 * apart the other way round, once nothing is under way any more. Thread-safe.
 */
public final class SluiceServer implements AutoCloseable {
    /** An attempt that has begun ends within its own time limit; then it is settled and its answer written. */
    private static final Duration SETTLING = Duration.ofSeconds(3);

    private static final int CLOSING_SECONDS = 5;

    /** HTTP is work for the processor, and each connection stays on the event loop that took it. */
    private static final int EVENT_LOOPS = Math.max(2, Runtime.getRuntime().availableProcessors());

    private static final Logger log = LoggerFactory.getLogger(SluiceServer.class);

    private final OpenedParts parts = new OpenedParts();
    private final ServerSettings settings;
    private final Role role;
    private final Health health;
    private Optional<Workers> workers = Optional.empty();
    private Optional<CallbackLoop> callbacks = Optional.empty();
    private Optional<Gateway> gateway = Optional.empty();
    private Optional<StoppableDelivery> delivery = Optional.empty();
    private Optional<Listeners> listeners = Optional.empty();
    private Optional<URI> url = Optional.empty();
    private Optional<URI> adminUrl = Optional.empty();

    private SluiceServer(ServerSettings settings, Role role, String version) {
        this.settings = settings;
        this.role = role;
        this.health = new Health(version);
    }

    /** Starts everything in one process. */
    public static SluiceServer start(ServerSettings settings, String version) {
        return start(settings, Role.ALL, version);
    }

    /**
     * Starts what the role asks for and returns when calls are welcome.
     *
     * @param version the program's
     * @throws dev.sluice.SluiceException if something cannot start; whatever had started is closed again
     */
    public static SluiceServer start(ServerSettings settings, Role role, String version) {
        var server = new SluiceServer(settings, role, version);
        try {
            server.assemble();
            return server;
        } catch (RuntimeException e) {
            server.parts.close();
            throw e;
        }
    }

    private void assemble() {
        settings.notes().forEach(log::warn);
        var metrics = parts.opened(new Metrics(), Metrics::close);
        var gatewayMetrics = new GatewayMetrics(metrics);
        var deliveryMetrics = new DeliveryMetrics(metrics);
        var vertx = parts.opened(newVertx(), SluiceServer::close);
        var keys = ComponentSettings.keys(settings);
        var limits = new BindingLimits(ComponentSettings.limits(settings));
        var store = new StoreStart(settings, parts)
                .backend(keys, limits, metrics, new DeliveryListeners(List.of(deliveryMetrics, new DeliveryLog())));
        health.add(store.part());
        store.regions().ifPresent(health::add);

        var upstream =
                parts.opened(new UpstreamClient(vertx, ComponentSettings.upstream(settings)), UpstreamClient::close);
        health.add(telegramPart());
        var bots = registeredBots(store, limits, upstream);
        var stoppable = new StoppableDelivery(store.delivery());
        var told = ComponentSettings.callbacks(settings);
        var untold = new CallQueue(
                        store.queue(),
                        store.sealer(),
                        bots::token,
                        false,
                        bot -> workers.ifPresent(all -> all.noticed(bot)))
                .withDurability(store.durable())
                .withKeys(store.keyed());
        var calls =
                told.map(CallbackSettings::targets).map(untold::withCallbacks).orElse(untold);
        var front = new Gateway(
                vertx,
                ComponentSettings.gateway(settings, bots, SpoolFolder.open(settings.uploads(), parts)),
                stoppable,
                Optional.of(calls),
                upstream,
                new TrustedTokens(upstream, gatewayMetrics, token -> confirmed(bots, token)),
                gatewayMetrics);
        gateway = Optional.of(front);
        delivery = Optional.of(stoppable);
        metrics.gauge("sluice.spooled.bytes", "Bytes of request bodies held now.", front::spooledBytes);

        var answers = new PrivateAnswers(store.privacy().levels());
        var queueMetrics = new QueueMetrics(metrics, InstantSource.system());
        if (role.works()) {
            workers = Optional.of(parts.opened(
                    Workers.start(
                            store.queue(),
                            (token, call, dispatch) ->
                                    answers.kept(call, front.storedCalls().send(token, call, dispatch)),
                            store.sealer(),
                            bots::token,
                            WorkerSettings.of(ComponentSettings.queue(settings).lease()),
                            store.lateMessages(),
                            bot -> bots.rules(bot).joinsTexts(),
                            queueMetrics),
                    Workers::close));
            told.ifPresent(callback -> tellEnds(vertx, store.queue(), keys, callback, metrics));
        }
        var totals = new QueueTotals(store.queue());
        queueMetrics.show(totals);

        var resources = new ArrayList<Resource>();
        resources.add(new HealthResource(health));
        resources.add(new MetricsResource(new MetricsPage(metrics, gatewayMetrics, deliveryMetrics)));
        resources.add(new BotsResource(bots));
        front.submissions()
                .ifPresent(taken ->
                        resources.add(new MessagesResource(store.queue(), taken, bots, keys, InstantSource.system())));
        front.submissions()
                .map(taken ->
                        parts.opened(Broadcasting.start(store, taken, bots, workers, metrics), Broadcasting::close))
                .ifPresent(broadcasting -> resources.add(broadcasting.resource()));
        resources.add(new QueueResource(store.queue()));
        var features = Features.open(store, settings, bots, metrics, parts);
        resources.addAll(features.resources());
        resources.add(new UsersResource(store.privacy()));
        resources.add(new SnapshotsResource(
                store.queue(), store.sealer(), settings.queue().keep(), InstantSource.system()));
        resources.add(new FailedMessagesResource(store.queue(), keys));
        listen(vertx, front, resources);
        health.add(
                role.takesCalls() ? () -> gatewayPart(front, bots) : Part.off("gateway", "this process is a worker"));
        health.add(new QueuePart(
                store.shared() ? "redis" : "memory", store.part(), totals, workers, InstantSource.system()));
        features.parts().forEach(health::add);
        health.add(callbacks
                .<Part>map(CallbackPart::new)
                .orElseGet(() ->
                        Part.off("callbacks", role.works() ? "SLUICE_CALLBACK_SECRET is not set" : "a worker's")));
        health.add(Part.off("inbound", "comes with a later version"));
        health.add(Part.off("database", "comes with a later version"));
        health.enter(Phase.READY);
        Thread.ofVirtual().name("platform-metrics").start(metrics::addPlatform);
    }

    private void tellEnds(Vertx vertx, MessageQueue queue, KeyRing keys, CallbackSettings callback, Metrics metrics) {
        var shown = new CallbackMetrics(metrics);
        var loop = parts.opened(
                CallbackLoop.start(
                        vertx,
                        queue,
                        keys,
                        message -> StoredCall.openResult(keys, message.id().bot(), message.content()),
                        callback,
                        shown,
                        new SecureRandom()),
                CallbackLoop::close);
        shown.show(loop);
        callbacks = Optional.of(loop);
    }

    private Bots registeredBots(Backend store, BindingLimits limits, UpstreamClient upstream) {
        var bots = store.registry().open(new TokenVerifier(upstream), bot -> ComponentSettings.rules(settings, bot));
        limits.follow(bots);
        bots.tellLimits(new LimitsWatch(
                store.delivery()::limitsChanged,
                bot -> judgeAnew(store.queue(), bot),
                bot -> limits.apply(bot).shadow()));
        parts.opened(BotsRefresh.start(bots), BotsRefresh::close);
        if (!settings.servesEveryBot() && settings.access().bots().isEmpty() && bots.count() == 0) {
            log.warn("no bot is registered, so none is served yet: ./sluice bots add");
        }
        return bots;
    }

    private void judgeAnew(MessageQueue queue, BotId bot) {
        if (role.works()) {
            queue.limitsChanged(bot);
            workers.ifPresent(all -> all.noticed(bot));
        }
    }

    /** On a thread of its own: who hears of it is on an event loop. */
    private static void confirmed(Bots bots, BotToken token) {
        if (bots.standing(token.bot()) == Standing.REGISTERED) {
            Thread.ofVirtual().name("bot-token").start(() -> {
                try {
                    bots.confirmed(token);
                } catch (RedisUnavailableException e) {
                    log.warn("the new token of bot {} could not be kept: Redis is away", token.bot());
                }
            });
        }
    }

    private void listen(Vertx vertx, Gateway front, List<Resource> resources) {
        var http = settings.http();
        var access = new AdminAccess(http.adminToken(), http.isLoopback(), http.host());
        var admin = new AdminApi(vertx, access, health.version(), resources);
        var ports = new Listeners(vertx, EVENT_LOOPS);
        listeners = Optional.of(ports);
        boolean together = http.adminPort().isEmpty();
        Handler<HttpServerRequest> calls = role.takesCalls() ? front : Gateway::turnAway;
        Handler<HttpServerRequest> both = request ->
                (admin.serves(pathOf(request)) ? (Handler<HttpServerRequest>) admin::handle : calls).handle(request);
        int port = ports.open(
                Gateway.serverOptions(),
                http,
                http.port(),
                "SLUICE_PORT (or --port)",
                together ? both : calls,
                front::handleInvalid);
        url = Optional.of(Listeners.url(http, port));
        int adminPort = together
                ? port
                : ports.open(
                        Gateway.serverOptions(),
                        http,
                        http.adminPort().get(),
                        "SLUICE_ADMIN_PORT",
                        admin::handle,
                        front::handleInvalid);
        adminUrl = Optional.of(Listeners.url(http, adminPort));
    }

    private PartHealth gatewayPart(Gateway front, Bots bots) {
        return PartHealth.of("gateway", Status.OK, "http")
                .with("url", url().toString())
                .with("in_flight", front.inFlight())
                .with("bots", settings.servesEveryBot() ? "all" : "listed and registered")
                .with("registered", bots.count());
    }

    private Part telegramPart() {
        var part = PartHealth.of("telegram", Status.OK, "bot-api")
                .with("url", settings.telegram().apiUrl().toString());
        return () -> part;
    }

    /** Where bots are to send their calls. */
    public URI url() {
        return url.orElseThrow();
    }

    /** Where health and metrics are. */
    public URI adminUrl() {
        return adminUrl.orElseThrow();
    }

    /**
     * Stops gracefully: no new calls, waiting ones withdrawn, those that were dispatched finished and settled, then everything
     * closed. Takes at most the time limit of an attempt and some seconds.
     */
    @Override
    public void close() {
        health.enter(Phase.STOPPING);
        log.info("stopping: calls under way are finished, waiting ones are withdrawn");
        gateway.ifPresent(Gateway::stopAccepting);
        workers.ifPresent(Workers::stop);
        callbacks.ifPresent(CallbackLoop::stop);
        delivery.ifPresent(StoppableDelivery::stop);
        var longest = settings.telegram().timeout().plus(SETTLING);
        try {
            long end = System.nanoTime() + longest.toNanos();
            boolean quiet = gateway.map(front -> isQuietWithin(front::awaitQuiet, longest))
                    .orElse(true);
            var left = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
            if (!workers.map(all -> isQuietWithin(all::awaitQuiet, left)).orElse(true) || !quiet) {
                log.warn("some calls were still under way after {} s", longest.toSeconds());
            }
            // Who hears nothing more now is told again by another process, or after the next start.
            callbacks.ifPresent(loop -> isQuietWithin(loop::awaitQuiet, SETTLING));
        } finally {
            listeners.ifPresent(ports -> ports.drain(SETTLING));
            parts.close();
        }
        log.info("stopped");
    }

    /** Something that comes to rest once it takes nothing more. */
    @FunctionalInterface
    private interface Busy {
        boolean awaitQuiet(Duration longest) throws InterruptedException;
    }

    private static boolean isQuietWithin(Busy part, Duration longest) {
        try {
            return part.awaitQuiet(longest);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static Vertx newVertx() {
        return Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(EVENT_LOOPS)
                .setWorkerPoolSize(4)
                .setInternalBlockingPoolSize(4)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
    }

    private static void close(Vertx vertx) {
        try {
            vertx.close().await(CLOSING_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            log.warn("the event loops did not end in time");
        }
    }

    private static String pathOf(HttpServerRequest request) {
        return request.path() == null ? "" : request.path();
    }
}
