// SPDX-License-Identifier: Apache-2.0
#include "registry/oci/client.h"

#include <mutex>
#include <set>
#include <string_view>

#include "registry/config/http_headers.h"
#include "registry/http/certificates.h"
#include "registry/http/http.h"
#include "registry/http/url.h"
#include "registry/oci/blob.h"
#include "registry/oci/referrers.h"
#include "registry/oci/tag_list.h"
#include "registry/oci/upload.h"
#include "registry/server/document.h"
#include "registry/server/refused_write.h"
#include "registry/server/retry.h"
#include "registry/server/session.h"
#include "store/image/media_types.h"
#include "trust/error.h"

namespace hallmark::registry {
namespace {

/// One line: a proxy that keeps only one of several would change what we are given.
constexpr std::string_view kAcceptManifests =
    "Accept: application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, "
    "application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json";

/// Of what only spares a transfer.
constexpr int kManifestLookTries = 2;

/// The host that answers for a domain.
std::string host_for(const std::string& domain) { return domain == "docker.io" ? "registry-1.docker.io" : domain; }

/// Content-Type without parameters, in lower case; types that say nothing are as good as none.
std::string claimed_type(const Headers& headers) {
  const std::string whole = headers.find("content-type").value_or("");
  std::string type = lower_case(trimmed(std::string_view(whole).substr(0, whole.find(';'))));
  const bool says_nothing = type == "application/json" || type == "text/plain" || type == "application/octet-stream";
  return says_nothing ? std::string() : type;
}

/// The header proves nothing, for the bytes are hashed anyway. A server that contradicts its own bytes is broken or
/// bent.
void check_digest_header(const Headers& headers, ByteView bytes, const std::string& host) {
  for (const Digest& claimed : claimed_digests(headers, host)) {
    const Digest found = Digest::of(bytes, claimed.algorithm());
    if (found != claimed) {
      fail(Fault::corrupt, host, " contradicts itself: Docker-Content-Digest says ", claimed.to_string(),
           ", the manifest it sends is ", found.to_string());
    }
  }
}

/// The checks on every manifest, by digest or (without one) by tag.
store::Document check_manifest(Fetched fetched, const std::optional<Digest>& wanted, std::optional<std::uint64_t> size,
                               const std::string& host) {
  const Headers& headers = fetched.response.exchange.head().headers;
  const std::string claimed = claimed_type(headers);
  // Before the digest: a registry that converts to schema 1 has the digest wrong too, and this is the better word.
  if (claimed.starts_with(store::kDockerSchema1Prefix)) {
    throw Error(Fault::corrupt, "it is a schema 1 image, which cannot be verified",
                "push the image again with a current tool");
  }
  // Of a tag, too, the digest is what the bytes have. No word of the server takes its place.
  const Digest digest = Digest::of(fetched.bytes, wanted ? wanted->algorithm() : Algorithm::sha256);
  if (wanted && digest != *wanted) {
    fail(Fault::corrupt, "expected ", wanted->to_string(), ", found ", digest.to_string());
  }
  // The type decides how the bytes are read, so header and document must agree on it.
  std::string type = store::document_type(claimed, fetched.bytes);
  check_digest_header(headers, fetched.bytes, host);
  if (size && fetched.bytes.size() != *size) {
    fail(Fault::corrupt, "expected ", *size, " bytes, found ", fetched.bytes.size());
  }
  const std::uint64_t found_size = fetched.bytes.size();
  return store::Document{store::Descriptor{std::move(type), digest, found_size, std::nullopt, {}},
                         std::move(fetched.bytes)};
}

/// The blobs whose last fetch was continued after a cut.
class Resumed {
 public:
  void note(const Digest& blob) {
    const std::lock_guard hold(mutex_);
    blobs_.insert(blob);
  }
  void forget(const Digest& blob) {
    const std::lock_guard hold(mutex_);
    blobs_.erase(blob);
  }
  [[nodiscard]] bool has(const Digest& blob) const {
    const std::lock_guard hold(mutex_);
    return blobs_.contains(blob);
  }

 private:
  mutable std::mutex mutex_;
  std::set<Digest> blobs_;
};

}  // namespace

struct Client::Inside {
  Inside(const Settings& settings, Reference name, Access access)
      : repository(std::move(name)),
        certificates(settings.certificate_roots, host_for(repository.domain()), {}),
        http(settings, certificates, settings.timing.connect),
        session(http, Url::parse("https://" + host_for(repository.domain())),
                SessionOptions{.plain_fallback = true, .redirects = true, .path = repository.path()},
                repository.domain(),
                "repository:" + repository.path() + (access == Access::push ? ":pull,push" : ":pull")) {
    // HttpHeaders may hold secrets for the registry that was named. A mirror or another place is not that registry.
    if (settings.is_the_named_host) session.send_always(configured_headers(settings.docker_config));
  }

  store::Document manifest(const std::string& reference, const std::optional<Digest>& digest,
                           std::optional<std::uint64_t> size) {
    Fetched fetched = fetch_document(session, asking_for(reference), store::kMostManifestBytes, kDocumentTries);
    if (fetched.response.status() != 200) session.refuse(fetched.response);
    return check_manifest(std::move(fetched), digest, size, session.base().authority());
  }

  void put(const store::Document& document, const std::string& reference) {
    store::BytesReader body(document.bytes);
    const ApiRequest request{"/v2/" + repository.path() + "/manifests/" + reference,
                             Request::Kind::document,
                             {"Content-Type: " + document.descriptor.media_type},
                             Method::put,
                             &body};
    // Twice the same is once: it may be sent again after any doubt.
    const ApiResponse response = request_status(session, request, kDocumentTries);
    if (response.status() < 200 || response.status() > 204) {
      refuse_write(session, response);
    }
    // A registry that rewrites manifests keeps another one than was signed, and mostly says so here.
    check_digest_header(response.exchange.head().headers, document.bytes, session.base().authority());
    require_kept(document, reference);
  }

  /// A mount that is none is noticed here; then the bytes are sent.
  Delivery put(const store::Descriptor& blob, store::BlobReader& bytes, const std::optional<std::string>& mount_from) {
    const std::string& path = repository.path();
    const Delivery delivery = upload_blob(session, path, blob, bytes, mount_from);
    if (delivery == Delivery::mounted) {
      if (is_blob_there(session, path, blob)) return delivery;
      upload_blob(session, path, blob, bytes, std::nullopt);
    }
    require_blob(session, path, blob);
    return Delivery::sent;
  }

  /// Its yes says that it was given the bytes. What it keeps is what it gives to others: asked again, past all caches.
  void require_kept(const store::Document& document, const std::string& reference) {
    ApiRequest request = asking_for(reference);
    request.headers.emplace_back("Cache-Control: no-cache");
    Retry retry(http, repository.familiar_repository() + ": " + reference, kReadBackTries);
    for (;;) {
      Fetched fetched = within("read back", [&] {
        Fetched answer = fetch_document(session, request, store::kMostManifestBytes, kDocumentTries);
        if (answer.response.status() != 200 && answer.response.status() != 404) session.refuse(answer.response);
        return answer;
      });
      const store::Descriptor& root = document.descriptor;
      // By the bytes, for a digest in a header costs a liar nothing. Type and headers must be right as well, or pulls
      // would be refused.
      if (fetched.response.status() == 200 && fetched.bytes == document.bytes) {
        static_cast<void>(check_manifest(std::move(fetched), root.digest, root.size, session.base().authority()));
        return;
      }
      // Registries of several machines may take a moment to agree.
      const bool is_missing = fetched.response.status() == 404;
      const std::string found = is_missing ? "nothing" : Digest::of(fetched.bytes, root.digest.algorithm()).to_string();
      if (retry.again(fetched.response.exchange, "taken, but read back it is " + found)) continue;
      throw Error(
          is_missing ? Fault::unavailable : Fault::corrupt,
          "the registry took it, but does not show it: expected " + root.digest.to_string() + ", found " + found,
          is_missing ? "push again; if that does not help, it is for whoever runs the registry"
                     : "another push may have come meanwhile: look at what it is, and push again");
    }
  }

  [[nodiscard]] bool has_manifest(const Digest& digest) {
    const ApiRequest request{"/v2/" + repository.path() + "/manifests/" + digest.to_string(),
                             Request::Kind::document,
                             {std::string(kAcceptManifests)},
                             Method::head};
    // Some say of what is not there that one may not see it, and some cannot say. Who may not write learns it by
    // writing.
    return request_status(session, request, kManifestLookTries).status() == 200;
  }

  [[nodiscard]] ApiRequest asking_for(const std::string& reference) const {
    return {"/v2/" + repository.path() + "/manifests/" + reference,
            Request::Kind::document,
            {std::string(kAcceptManifests)}};
  }

  Reference repository;
  Certificates certificates;
  Http http;
  Session session;
  Resumed resumed;
};

Client::Client(const Settings& settings, Reference repository)
    : Client(settings, std::move(repository), Access::pull) {}

Client::Client(const Settings& settings, Reference repository, Access access)
    : inside_(std::make_unique<Inside>(settings, std::move(repository), access)) {}

Client::~Client() = default;

store::Document Client::manifest(const std::string& tag) {
  // It becomes a part of an address, where other text would ask for something else.
  if (!Reference::is_tag(tag)) fail(Fault::usage, "\"", printable(tag, 140), "\" is no tag");
  return within(inside_->repository.with_tag(tag).familiar(),
                [&] { return inside_->manifest(tag, std::nullopt, std::nullopt); });
}

store::Document Client::manifest(const Digest& digest, std::optional<std::uint64_t> size) {
  return within(inside_->repository.at_digest(digest).familiar(),
                [&] { return inside_->manifest(digest.to_string(), digest, size); });
}

std::vector<std::string> Client::tags() {
  const std::set<std::string> tags = within(inside_->repository.familiar_repository(),
                                            [&] { return list_tags(inside_->session, inside_->repository.path()); });
  return {tags.begin(), tags.end()};
}

std::vector<store::Descriptor> Client::referrers(const Digest& subject) {
  return within(inside_->repository.at_digest(subject).familiar() + ": referrers", [&] {
    auto listed = list_referrers(inside_->session, inside_->repository.path(), subject);
    return listed ? *std::move(listed) : tagged_referrers(*this, subject);
  });
}

void Client::fetch_rest(const store::Descriptor& blob, std::uint64_t offset, ByteSink& out) {
  const std::string digest = blob.digest.to_string();
  // It is told of the last fetch alone (store::Source).
  inside_->resumed.forget(blob.digest);
  within(inside_->repository.familiar_repository() + ": blob " + digest, [&] {
    fetch_blob(inside_->session, "/v2/" + inside_->repository.path() + "/blobs/" + digest, blob, offset, out,
               [&] { inside_->resumed.note(blob.digest); });
  });
}

bool Client::was_resumed(const Digest& blob) const { return inside_->resumed.has(blob); }

bool Client::has_blob(const store::Descriptor& blob) {
  return within(inside_->repository.familiar_repository() + ": blob " + blob.digest.to_string(),
                [&] { return is_blob_there(inside_->session, inside_->repository.path(), blob); });
}

bool Client::has_manifest(const Digest& digest) {
  return within(inside_->repository.at_digest(digest).familiar(), [&] { return inside_->has_manifest(digest); });
}

Delivery Client::put_blob(const store::Descriptor& blob, store::BlobReader& bytes,
                          const std::optional<std::string>& mount_from) {
  return within(inside_->repository.familiar_repository() + ": blob " + blob.digest.to_string(),
                [&] { return inside_->put(blob, bytes, mount_from); });
}

void Client::put_manifest(const store::Document& document) {
  within(inside_->repository.at_digest(document.descriptor.digest).familiar(),
         [&] { inside_->put(document, document.descriptor.digest.to_string()); });
}

void Client::put_manifest(const store::Document& document, const std::string& tag) {
  if (!Reference::is_tag(tag)) fail(Fault::usage, "\"", printable(tag, 140), "\" is no tag");
  within(inside_->repository.with_tag(tag).familiar(), [&] { inside_->put(document, tag); });
}

}  // namespace hallmark::registry
