package dev.sluice.server.gateway;

import dev.sluice.delivery.Attempt;
import dev.sluice.delivery.Dispatch;
import dev.sluice.telegram.BotToken;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;

/** Makes calls that were queued. Thread-safe; blocks its (virtual) thread until the attempt has ended. */
public final class StoredCallSender {
    private final Parts parts;

    StoredCallSender(Parts parts) {
        this.parts = parts;
    }

    /** Tries once, as {@link dev.sluice.delivery.Sender} does. */
    public Attempt send(BotToken token, StoredCall call, Dispatch dispatch) throws InterruptedException {
        var headers = HttpHeaders.headers();
        call.contentType().ifPresent(type -> headers.add(HttpHeaders.CONTENT_TYPE, type));
        var sender = new UpstreamSender(
                parts,
                parts.vertx().getOrCreateContext(),
                new Route.Call(new Route.Account(token, call.test()), call.method(), call.query()),
                call.body().length == 0 ? HttpMethod.GET : HttpMethod.POST,
                headers,
                Outgoing.of(Buffer.buffer(call.body())),
                call.chat());
        return sender.send(dispatch);
    }
}
