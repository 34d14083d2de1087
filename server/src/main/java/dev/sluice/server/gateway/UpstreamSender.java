package dev.sluice.server.gateway;

import dev.sluice.delivery.Attempt;
import dev.sluice.delivery.Dispatch;
import dev.sluice.delivery.Reply;
import dev.sluice.delivery.Sender;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import io.vertx.core.Context;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Sends one metered call, as it came, each time the pipeline says so. Blocks its virtual thread; the writing is done on the
 * event loop of the caller's connection.
 */
final class UpstreamSender implements Sender {
    private final UpstreamClient upstream;
    private final TrustedTokens tokens;
    private final ChatDirectory chats;
    private final GatewayEvents events;
    private final Context context;
    private final Route.Call call;
    private final HttpMethod method;
    private final MultiMap headers;
    private final Outgoing body;
    private final Optional<ChatId> chat;

    UpstreamSender(
            Parts parts,
            Context context,
            Route.Call call,
            HttpMethod method,
            MultiMap headers,
            Outgoing body,
            Optional<ChatId> chat) {
        this.upstream = parts.upstream();
        this.tokens = parts.tokens();
        this.chats = parts.chats();
        this.events = parts.events();
        this.context = context;
        this.call = call;
        this.method = method;
        this.headers = HeaderFilter.metered(headers);
        this.body = body;
        this.chat = chat;
    }

    @Override
    public Attempt send(Dispatch dispatch) throws InterruptedException {
        BotId bot = call.account().token().bot();
        Optional<ChatId> instead = dispatch.movedTo().or(() -> chat.flatMap(known -> chats.movedTo(bot, known)));
        String uri = instead.map(newChat -> FormText.withFirst(call.query(), "chat_id", newChat.value()))
                .map(query -> new Route.Call(call.account(), call.method(), query))
                .orElse(call)
                .uri();
        long began = System.nanoTime();
        Tried tried = tryOnce(uri, dispatch.writing());
        tried.tell(events, Traffic.METERED, Duration.ofNanos(System.nanoTime() - began));
        return switch (tried) {
            case Tried.NotReached(String reason) -> new Attempt.NotReached(reason);
            case Tried.Unanswered(String reason) -> new Attempt.Unanswered(reason);
            case Tried.Heard heard -> new Attempt.Answered(understand(heard, bot));
        };
    }

    private Tried tryOnce(String uri, Runnable writing) throws InterruptedException {
        Optional<Outgoing> outgoing =
                body.length() > 0 || !method.equals(HttpMethod.GET) ? Optional.of(body) : Optional.empty();
        Exchange exchange = upstream.exchange(method, uri, headers, outgoing, writing);
        var result = new CompletableFuture<Tried>();
        context.runOnContext(run -> exchange.start().onSuccess(result::complete));
        try {
            return result.get(); // an exchange always ends, by its own deadlines
        } catch (InterruptedException e) {
            context.runOnContext(run -> exchange.abandon());
            throw e;
        } catch (ExecutionException e) {
            throw new IllegalStateException("an exchange ends with a result", e);
        }
    }

    private Reply understand(Tried.Heard heard, BotId bot) {
        Reply reply = ReplyReader.read(heard);
        if (reply.status() == 401) {
            tokens.refuse(call.account());
        }
        chat.ifPresent(asked -> {
            reply.migrateTo().ifPresent(newChat -> chats.migrated(bot, asked, newChat));
            if (reply.isSuccess()) {
                chats.answered(bot, asked, reply.chat());
            }
        });
        return reply;
    }
}
