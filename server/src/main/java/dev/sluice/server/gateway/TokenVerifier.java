package dev.sluice.server.gateway;

import dev.sluice.delivery.Reply;
import dev.sluice.server.bots.TokenCheck;
import dev.sluice.server.gateway.Route.Account;
import dev.sluice.telegram.BotToken;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import tools.jackson.databind.JsonNode;

/** Asks Telegram's {@code getMe}, whatever is cached. Thread-safe; blocks its (virtual) thread. */
public final class TokenVerifier implements TokenCheck {
    private static final Duration SOON = Duration.ofSeconds(1);

    private final UpstreamClient upstream;

    public TokenVerifier(UpstreamClient upstream) {
        this.upstream = upstream;
    }

    @Override
    public Verdict ask(BotToken token) {
        try {
            var answer = upstream.getMe(new Account(token, false))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get();
            return switch (answer) {
                case Tried.Heard heard -> verdict(token, heard);
                case Tried.NotReached(String reason) ->
                    new Verdict.NotKnown("Telegram could not be reached (" + reason + ")", SOON);
                case Tried.Unanswered(String reason) ->
                    new Verdict.NotKnown("Telegram did not answer (" + reason + ")", SOON);
            };
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Verdict.NotKnown("shutting down", SOON);
        } catch (ExecutionException e) {
            throw new IllegalStateException("an exchange never fails", e);
        }
    }

    private static Verdict verdict(BotToken token, Tried.Heard heard) {
        Reply reply = ReplyReader.read(heard);
        return switch (reply.status()) {
            case 200 -> valid(token, Envelope.JSON.readTree(reply.body()));
            // Telegram answers 404 to what has not the form of its tokens.
            case 401, 404 -> new Verdict.Invalid();
            case 429 ->
                new Verdict.NotKnown("Telegram asks to wait", reply.retryAfter().orElse(SOON));
            default -> new Verdict.NotKnown("Telegram answered " + heard.status(), SOON);
        };
    }

    private static Verdict valid(BotToken token, JsonNode answer) {
        JsonNode me = answer.path("result");
        return me.path("id").asLong(0) == token.bot().value()
                ? new Verdict.Valid(me.path("username").asString(""))
                : new Verdict.NotKnown("what answered is not Telegram: it named another bot", SOON);
    }
}
