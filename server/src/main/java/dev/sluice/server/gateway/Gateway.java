package dev.sluice.server.gateway;

import dev.sluice.delivery.Delivery;
import dev.sluice.telegram.BotId;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Answers the Bot API's requests: {@code /bot<token>/<method>}, {@code /bot<token>/test/<method>} and
 * {@code /file/bot<token>/<path>}. Thread-safe.
 *
 * <p>{@link #handle} is to be mounted on a server with {@link #serverOptions}, its invalid requests on
 * {@link #handleInvalid}. Every answer is a Bot API envelope, except files. Never shows a token.
 */
public final class Gateway implements Handler<HttpServerRequest> {
    /** Request lines of 64 KB pass, with the method and the version. */
    private static final int LONGEST_REQUEST_LINE = (64 << 10) + 64;

    private static final int MOST_HEADERS = 64 << 10;

    /** Longer than the longest wait (600 s) and the longest poll, since a connection is silent meanwhile. */
    private static final int IDLE_SECONDS = 720;

    private final Parts parts;
    private final InFlight inFlight;

    /** Without a queue. */
    public Gateway(
            Vertx vertx,
            GatewaySettings settings,
            Delivery delivery,
            UpstreamClient upstream,
            TrustedTokens tokens,
            GatewayEvents events) {
        this(vertx, settings, delivery, Optional.empty(), upstream, tokens, events);
    }

    /**
     * @param queue for calls that nobody waits for
     * @throws UncheckedIOException if the spool directory can not be made
     */
    public Gateway(
            Vertx vertx,
            GatewaySettings settings,
            Delivery delivery,
            Optional<CallQueue> queue,
            UpstreamClient upstream,
            TrustedTokens tokens,
            GatewayEvents events) {
        try {
            Files.createDirectories(settings.spool().directory());
        } catch (IOException e) {
            throw new UncheckedIOException("spool directory " + settings.spool().directory() + " can not be made", e);
        }
        this.parts = new Parts(
                vertx,
                settings,
                delivery,
                queue,
                upstream,
                tokens,
                new ChatDirectory(queue.map(CallQueue::messages)),
                new SpoolBudget(settings.spool()),
                events);
        this.inFlight = new InFlight(settings.concurrentCalls());
    }

    /** What the server must allow, so that every Bot API request gets as far as the gateway. */
    public static HttpServerOptions serverOptions() {
        return new HttpServerOptions()
                .setHttp2ClearTextEnabled(false) // the Bot API is HTTP/1.1; a broken upgrade leaves traces in the log
                .setMaxInitialLineLength(LONGEST_REQUEST_LINE)
                .setMaxHeaderSize(MOST_HEADERS)
                .setDecompressionSupported(false) // see ContentCoding
                .setHandle100ContinueAutomatically(false) // a refused upload is never asked for
                .setPerFrameWebSocketCompressionSupported(
                        false) // there are no web sockets: nothing is to look for them
                .setPerMessageWebSocketCompressionSupported(false)
                .setIdleTimeout(IDLE_SECONDS)
                .setIdleTimeoutUnit(TimeUnit.SECONDS);
    }

    @Override
    public void handle(HttpServerRequest request) {
        Route route = Route.of(request.uri());
        HttpMethod method = request.method();
        if (method.equals(HttpMethod.OPTIONS)) {
            Visit visit = stray(request);
            request.response()
                    .putHeader(HttpHeaders.ALLOW, allowed(route))
                    .setStatusCode(204)
                    .end()
                    .onComplete(written -> visit.over());
        } else if (!method.equals(HttpMethod.GET) && !method.equals(HttpMethod.POST) && !isHeadOfFile(method, route)) {
            Visit visit = stray(request);
            request.response().putHeader(HttpHeaders.ALLOW, allowed(route));
            visit.refuse(Answer.error(405, "Method Not Allowed: use " + allowed(route)));
        } else {
            switch (route) {
                case Route.Nowhere(String description) -> stray(request).refuse(Answer.error(404, description));
                case Route.Call call -> call(request, call);
                case Route.Download download ->
                    admit(request, Traffic.DOWNLOAD, download.account())
                            .ifPresent(visit -> new Relay(
                                            parts,
                                            visit,
                                            new Relay.Passing(download.account(), download.uri(), Optional.empty()))
                                    .begin());
            }
        }
    }

    /** For processes that take no calls. */
    public static void turnAway(HttpServerRequest request) {
        Answer.error(404, "Not Found: this process sends what is queued, and takes no calls")
                .writeTo(request.response());
    }

    /** For requests that the HTTP decoder could not read: a request line that is too long, broken headers. */
    public void handleInvalid(HttpServerRequest request) {
        String problem = request.decoderResult().cause() == null
                ? ""
                : request.decoderResult().cause().getClass().getSimpleName();
        Answer answer = switch (problem) {
            case "TooLongHttpLineException" -> Answer.error(414, "URI Too Long: a request line is at most 64 KB");
            case "TooLongHttpHeaderException" -> Answer.error(431, "Request Header Fields Too Large");
            default -> Answer.error(400, "Bad Request: not HTTP/1.1");
        };
        request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        answer.writeTo(request.response())
                .onComplete(written -> request.connection().close());
    }

    /** Makes the calls that were queued, in the same way as all others. */
    public StoredCallSender storedCalls() {
        return new StoredCallSender(parts);
    }

    /** Queues calls that operators make; empty without a queue. */
    public Optional<Submissions> submissions() {
        return parts.queue().map(queue -> new Submissions(parts, queue));
    }

    /** Requests under way. */
    public int inFlight() {
        return inFlight.count();
    }

    /** Bytes of callers' bodies held now. */
    public long spooledBytes() {
        return parts.spoolBudget().used();
    }

    /** From now on answers every new call with 503; those under way go on. */
    public void stopAccepting() {
        inFlight.close();
    }

    /**
     * Waits until no request is under way.
     *
     * @return false if some still are after {@code longest}
     */
    public boolean awaitQuiet(Duration longest) throws InterruptedException {
        return inFlight.awaitNone(longest);
    }

    private void call(HttpServerRequest request, Route.Call call) {
        if (call.method().isMetered()) {
            admit(request, Traffic.METERED, call.account())
                    .ifPresent(visit -> new MeteredCall(parts, visit, call).begin());
        } else {
            admit(request, Traffic.PASSED, call.account())
                    .ifPresent(visit -> new Relay(
                                    parts, visit, new Relay.Passing(call.account(), call.uri(), Optional.of(call)))
                            .begin());
        }
    }

    /**
     * Lets a request in, or refuses it. A bot that is not served gets 401, not 403: libraries take a 403 for "the user blocked
     * the bot", and some then delete the user.
     */
    private Optional<Visit> admit(HttpServerRequest request, Traffic traffic, Route.Account account) {
        InFlight.Admission admission = inFlight.enter();
        Runnable whenOver = admission == InFlight.Admission.ADMITTED ? inFlight::leave : () -> {};
        var visit = new Visit(parts.vertx(), request, traffic, parts.events(), whenOver);
        Optional<Answer> refusal = switch (admission) {
            case FULL -> Optional.of(Answers.tooMany("waiting", Duration.ofSeconds(1)));
            case CLOSED -> Optional.of(Answers.unavailable("shutting down; not sent", Duration.ofSeconds(1)));
            case ADMITTED -> unserved(account.token().bot());
        };
        refusal.ifPresent(visit::refuse);
        return refusal.isPresent() ? Optional.empty() : Optional.of(visit);
    }

    private Optional<Answer> unserved(BotId bot) {
        return switch (parts.settings().served().apply(bot)) {
            case SERVED -> Optional.empty();
            case NOT_SERVED -> Optional.of(Answer.error(401, "Unauthorized: this Sluice does not serve bot " + bot));
            case NOT_KNOWN ->
                Optional.of(
                        Answers.unavailable("the registered bots cannot be read yet; not sent", Duration.ofSeconds(1)));
        };
    }

    private Visit stray(HttpServerRequest request) {
        return new Visit(parts.vertx(), request, Traffic.STRAY, parts.events(), () -> {});
    }

    private static boolean isHeadOfFile(HttpMethod method, Route route) {
        return method.equals(HttpMethod.HEAD) && route instanceof Route.Download;
    }

    private static String allowed(Route route) {
        return route instanceof Route.Download ? "GET, HEAD" : "GET, POST";
    }
}
