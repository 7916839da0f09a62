"""URL patterns of the accounts pages."""

from __future__ import annotations

from django.urls import path

from accounts.pages import (
    application,
    consent_review,
    misuse_review,
    operator,
    partner_home,
    subject_consent,
    webhooks,
)

urlpatterns = [
    path("partners/apply/", application.apply, name="partner_apply"),
    path("partners/applied/", application.applied, name="partner_applied"),
    path("join/<str:token>/", application.invitation, name="invitation"),
    path("partner/", partner_home.home, name="partner_home"),
    path("partner/keys/", partner_home.create_key, name="key_create"),
    path("partner/keys/<str:key_id>/revoke/", partner_home.revoke_key, name="key_revoke"),
    path("partner/invitations/", partner_home.invite, name="member_invite"),
    path("partner/members/<str:membership_id>/remove/", partner_home.remove_member, name="member_remove"),
    path(
        "partner/portraits/<str:portrait_id>/consent/", partner_home.request_consent, name="consent_request"
    ),
    path("partner/webhooks/", webhooks.webhook_list, name="webhook_list"),
    path("partner/webhooks/<str:webhook_id>/", webhooks.webhook_detail, name="webhook_detail"),
    path("partner/webhooks/<str:webhook_id>/secret/", webhooks.rotate_secret, name="webhook_secret"),
    path("partner/webhooks/<str:webhook_id>/test/", webhooks.send_test, name="webhook_test"),
    path("partner/webhooks/<str:webhook_id>/delete/", webhooks.remove, name="webhook_delete"),
    path(
        "partner/webhooks/<str:webhook_id>/deliveries/<str:delivery_id>/replay/",
        webhooks.replay,
        name="webhook_replay",
    ),
    path("operator/partners/", operator.partner_list, name="operator_partners"),
    path("operator/partners/<str:partner_id>/", operator.partner_detail, name="operator_partner"),
    path("operator/partners/<str:partner_id>/decide/", operator.decide, name="operator_decide"),
    path("operator/partners/<str:partner_id>/invite/", operator.invite_contact, name="operator_invite"),
    path("operator/partners/<str:partner_id>/policy/", operator.set_review_policy, name="operator_policy"),
    path("operator/partners/<str:partner_id>/label/", operator.set_label_policy, name="operator_label"),
    path("operator/partners/<str:partner_id>/retention/", operator.set_retention, name="operator_retention"),
    path("operator/partners/<str:partner_id>/quotas/", operator.set_quotas, name="operator_quotas"),
    path("review/consents/", consent_review.queue, name="consent_queue"),
    path("review/consents/<str:consent_id>/", consent_review.detail, name="consent_review"),
    path("review/consents/<str:consent_id>/portrait/", consent_review.picture, name="consent_review_picture"),
    path("review/consents/<str:consent_id>/decide/", consent_review.decide, name="consent_decide"),
    path("review/reports/", misuse_review.queue, name="misuse_queue"),
    path("review/reports/<str:report_id>/close/", misuse_review.close, name="misuse_close"),
    path("consent/<str:token>/", subject_consent.answer, name="consent_link"),
    path("consent/<str:token>/no/", subject_consent.refuse, name="consent_no"),
    path("consent/<str:token>/code/", subject_consent.code, name="consent_code"),
    path("consent/<str:token>/portrait/", subject_consent.picture, name="consent_picture"),
    path("receipt/<str:token>/", subject_consent.receipt, name="consent_receipt"),
    path("receipt/<str:token>/receipt.json", subject_consent.receipt_file, name="consent_receipt_file"),
    path("receipt/<str:token>/withdraw/", subject_consent.withdraw, name="consent_withdraw"),
]
