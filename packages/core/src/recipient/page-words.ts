import type { Channel } from '../notification/channel.ts';
import { resolveLocale } from './locale.ts';

/** The words of the pages that recipients see, in the languages that we have them in. */
export const PAGE_LANGUAGES = ['en', 'de', 'fr', 'es', 'ar'] as const;
export type PageLanguage = (typeof PAGE_LANGUAGES)[number];

/** `{kind}` stands for the title of a category. */
export interface PageWords {
  unsubscribe: string;
  unsubscribeQuestion: string;
  unsubscribed: string;
  unsubscribedText: string;
  chooseInstead: string;
  choose: string;
  kinds: string;
  ways: string;
  channels: Readonly<Record<Exclude<Channel, 'in_app'>, string>>;
  always: string;
  locked: string;
  pause: string;
  pauseUntil: string;
  pauseText: string;
  save: string;
  saved: string;
  damaged: string;
  damagedText: string;
  busy: string;
  busyText: string;
  sample: string;
  sampleText: string;
}

export const PAGE_WORDS: Readonly<Record<PageLanguage, PageWords>> = {
  en: {
    unsubscribe: 'Unsubscribe',
    unsubscribeQuestion: 'Unsubscribe from “{kind}”?',
    unsubscribed: 'Unsubscribed',
    unsubscribedText: 'You will get no more messages of the kind “{kind}”.',
    chooseInstead: 'Or choose what you want to get',
    choose: 'Choose what you want to get',
    kinds: 'Kinds of messages',
    ways: 'Ways to reach you',
    channels: { email: 'E-mail', sms: 'SMS', push: 'Push notifications' },
    always: 'You always get these',
    locked: 'The sender has to send these, so they cannot be switched off.',
    pause: 'Pause all messages',
    pauseUntil: 'Until this day',
    pauseText:
      'Messages that come meanwhile are sent when the pause ends; urgent ones are sent at once. Leave it empty for no pause.',
    save: 'Save',
    saved: 'Saved. You will get what you chose.',
    damaged: 'This link does not work',
    damagedText: 'It is incomplete, or it was not made here. Open the whole link from the message.',
    busy: 'Please try again in a moment',
    busyText: 'This cannot be done right now.',
    sample: 'The link of a preview or a test',
    sampleText: 'In a real message this link leads to a page where its recipient can unsubscribe.',
  },
  de: {
    unsubscribe: 'Abbestellen',
    unsubscribeQuestion: '„{kind}“ abbestellen?',
    unsubscribed: 'Abbestellt',
    unsubscribedText: 'Sie bekommen keine Nachrichten der Art „{kind}“ mehr.',
    chooseInstead: 'Oder wählen Sie, was Sie bekommen möchten',
    choose: 'Wählen Sie, was Sie bekommen möchten',
    kinds: 'Arten von Nachrichten',
    ways: 'Wege, Sie zu erreichen',
    channels: { email: 'E-Mail', sms: 'SMS', push: 'Push-Mitteilungen' },
    always: 'Diese bekommen Sie immer',
    locked: 'Der Absender muss sie senden; sie sind nicht abwählbar.',
    pause: 'Alle Nachrichten pausieren',
    pauseUntil: 'Bis zu diesem Tag',
    pauseText:
      'Was inzwischen kommt, wird am Ende der Pause gesendet; Dringendes kommt sofort. Ohne Datum gibt es keine Pause.',
    save: 'Speichern',
    saved: 'Gespeichert. Sie bekommen, was Sie gewählt haben.',
    damaged: 'Dieser Link funktioniert nicht',
    damagedText:
      'Er ist unvollständig oder wurde nicht hier erstellt. Öffnen Sie den ganzen Link aus der Nachricht.',
    busy: 'Bitte versuchen Sie es gleich noch einmal',
    busyText: 'Das ist im Moment nicht möglich.',
    sample: 'Der Link einer Vorschau oder eines Tests',
    sampleText:
      'In einer echten Nachricht führt dieser Link zu einer Seite, auf der man sie abbestellen kann.',
  },
  fr: {
    unsubscribe: 'Se désabonner',
    unsubscribeQuestion: 'Se désabonner de « {kind} » ?',
    unsubscribed: 'Désabonnement effectué',
    unsubscribedText: 'Vous ne recevrez plus de messages de type « {kind} ».',
    chooseInstead: 'Ou choisissez ce que vous voulez recevoir',
    choose: 'Choisissez ce que vous voulez recevoir',
    kinds: 'Types de messages',
    ways: 'Moyens de vous joindre',
    channels: { email: 'E-mail', sms: 'SMS', push: 'Notifications push' },
    always: 'Vous recevez toujours ceux-ci',
    locked: 'L’expéditeur doit les envoyer ; ils ne peuvent pas être désactivés.',
    pause: 'Suspendre tous les messages',
    pauseUntil: 'Jusqu’à ce jour',
    pauseText:
      'Les messages arrivés entre-temps sont envoyés à la fin de la pause ; les messages urgents arrivent tout de suite. Laissez vide pour ne pas suspendre.',
    save: 'Enregistrer',
    saved: 'Enregistré. Vous recevrez ce que vous avez choisi.',
    damaged: 'Ce lien ne fonctionne pas',
    damagedText: 'Il est incomplet ou n’a pas été créé ici. Ouvrez le lien entier depuis le message.',
    busy: 'Veuillez réessayer dans un instant',
    busyText: 'Ce n’est pas possible pour le moment.',
    sample: 'Le lien d’un aperçu ou d’un test',
    sampleText: 'Dans un vrai message, ce lien mène à une page où son destinataire peut se désabonner.',
  },
  es: {
    unsubscribe: 'Darse de baja',
    unsubscribeQuestion: '¿Darse de baja de «{kind}»?',
    unsubscribed: 'Baja realizada',
    unsubscribedText: 'Ya no recibirá mensajes del tipo «{kind}».',
    chooseInstead: 'O elija lo que quiere recibir',
    choose: 'Elija lo que quiere recibir',
    kinds: 'Tipos de mensajes',
    ways: 'Formas de contactarle',
    channels: { email: 'Correo electrónico', sms: 'SMS', push: 'Notificaciones push' },
    always: 'Estos los recibe siempre',
    locked: 'El remitente debe enviarlos; no se pueden desactivar.',
    pause: 'Pausar todos los mensajes',
    pauseUntil: 'Hasta este día',
    pauseText:
      'Los mensajes que lleguen mientras tanto se envían al terminar la pausa; los urgentes llegan enseguida. Déjelo vacío para no pausar.',
    save: 'Guardar',
    saved: 'Guardado. Recibirá lo que ha elegido.',
    damaged: 'Este enlace no funciona',
    damagedText: 'Está incompleto o no se creó aquí. Abra el enlace completo del mensaje.',
    busy: 'Inténtelo de nuevo en un momento',
    busyText: 'Ahora mismo no es posible.',
    sample: 'El enlace de una vista previa o de una prueba',
    sampleText:
      'En un mensaje real, este enlace lleva a una página en la que su destinatario puede darse de baja.',
  },
  ar: {
    unsubscribe: 'إلغاء الاشتراك',
    unsubscribeQuestion: 'هل تريد إلغاء الاشتراك في «{kind}»؟',
    unsubscribed: 'تم إلغاء الاشتراك',
    unsubscribedText: 'لن تصلك بعد الآن رسائل من نوع «{kind}».',
    chooseInstead: 'أو اختر ما تريد أن يصلك',
    choose: 'اختر ما تريد أن يصلك',
    kinds: 'أنواع الرسائل',
    ways: 'طرق التواصل معك',
    channels: { email: 'البريد الإلكتروني', sms: 'الرسائل النصية', push: 'الإشعارات' },
    always: 'تصلك هذه الرسائل دائمًا',
    locked: 'على المرسل إرسالها، لذلك لا يمكن إيقافها.',
    pause: 'إيقاف جميع الرسائل مؤقتًا',
    pauseUntil: 'حتى هذا اليوم',
    pauseText:
      'تُرسل الرسائل الواردة أثناء الإيقاف عند انتهائه، أما الرسائل العاجلة فتصل فورًا. اتركه فارغًا لعدم الإيقاف.',
    save: 'حفظ',
    saved: 'تم الحفظ. سيصلك ما اخترته.',
    damaged: 'هذا الرابط لا يعمل',
    damagedText: 'الرابط غير مكتمل أو لم يُنشأ هنا. افتح الرابط كاملًا من الرسالة.',
    busy: 'يُرجى المحاولة مرة أخرى بعد قليل',
    busyText: 'لا يمكن تنفيذ ذلك الآن.',
    sample: 'رابط معاينة أو اختبار',
    sampleText: 'في رسالة حقيقية يؤدي هذا الرابط إلى صفحة يمكن للمستلم فيها إلغاء الاشتراك.',
  },
};

export function isRightToLeft(language: string): boolean {
  return /^(?:ar|fa|he|ur|ps|sd|ug|yi|dv)\b/i.test(language);
}

/**
 * The languages of an `Accept-Language` header, the most wanted first (RFC 9110, 12.5.4); at most ten.
 *
 * @param header as it came; anything is accepted.
 */
export function acceptedLanguages(header: string | undefined): string[] {
  return (header ?? '')
    .slice(0, 1_000)
    .split(',')
    .map((part, index) => {
      const [tag = '', ...parameters] = part.trim().split(';');
      const q = parameters.map((each) => /^\s*q=([\d.]+)\s*$/.exec(each)?.[1]).find(Boolean);
      return { tag: tag.trim(), q: q === undefined ? 1 : Number(q), index };
    })
    .filter(({ tag, q }) => /^[a-z]{1,8}(?:-[a-z\d]{1,8})*$/i.test(tag) && q > 0)
    .sort((a, b) => b.q - a.q || a.index - b.index)
    .slice(0, 10)
    .map(({ tag }) => tag);
}

/** @param wished the locale of the person first, then those of the browser. */
export function pageLanguage(wished: readonly (string | null | undefined)[]): PageLanguage {
  return resolveLocale(PAGE_LANGUAGES, wished) as PageLanguage;
}

export function worded(text: string, kind: string): string {
  return text.replace('{kind}', () => kind);
}
