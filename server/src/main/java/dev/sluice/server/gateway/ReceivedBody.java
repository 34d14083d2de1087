package dev.sluice.server.gateway;

import dev.sluice.idempotency.Fingerprint;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.util.Map;

/**
 * A body that has arrived whole.
 *
 * @param outgoing the body as it goes on: as it came, or decompressed
 * @param text the body where its kind is text, else empty
 * @param form the fields of a multipart body
 * @param files the digests of a multipart body's files, by field
 */
record ReceivedBody(
        BodyKind kind,
        ContentCoding coding,
        Outgoing outgoing,
        Buffer text,
        MultiMap form,
        Map<String, Fingerprint> files) {

    /** The same body without compression. @throws Refusal if it can not be decompressed */
    ReceivedBody decoded() {
        if (coding == ContentCoding.IDENTITY) {
            return this;
        }
        Buffer plain = coding.decode(text, BodyReceiver.MOST_TEXT);
        return new ReceivedBody(kind, ContentCoding.IDENTITY, Outgoing.of(plain), plain, form, files);
    }

    /** @throws Refusal if the body is not what its content type says */
    Parameters parameters(String query) {
        Parameters parameters = ParameterReader.read(query, kind, text);
        form.forEach((name, value) -> parameters.add(name, value));
        files.forEach(parameters::addFile);
        return parameters;
    }
}
